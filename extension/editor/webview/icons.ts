/**
 * The signs on the page's buttons, drawn as lines on a field of 16 by 16.
 */

const SVG = 'http://www.w3.org/2000/svg';

const PATHS = {
  back: 'M9.5 3.5 5 8l4.5 4.5M5 8h8',
  forward: 'M6.5 3.5 11 8l-4.5 4.5M11 8H3',
  up: 'M3.5 10 8 5.5l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  right: 'M6 3.5 10.5 8 6 12.5',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.2 10.2l3.8 3.8',
  goTo: 'M2.5 8h8M7.5 4.5 11 8l-3.5 3.5M13.5 3v10',
  tree: 'M2.5 3.5h5M5 3.5v9M5 7.5h3.5M5 12.5h3.5M10.5 7.5h3M10.5 12.5h3',
  details: 'M2.5 3h11v10h-11zM9.5 3v10M11 6h1M11 8.5h1',
  open: 'M8.5 2.5h5v5M13.5 2.5 7.5 8.5M11.5 9v4.5h-9v-9H7',
  copy: 'M5.5 5.5h8v8h-8zM5.5 10.5h-3v-8h8v3',
  play: 'M5 3.2v9.6L12.5 8z',
} as const;

export function icon(name: keyof typeof PATHS): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('width', '16');
  svg.setAttribute('height', '16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
