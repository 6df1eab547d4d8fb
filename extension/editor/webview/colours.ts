/**
 * The theme's colours as the canvases need them. They are read anew when the theme changes; everything else takes them
 * from the style sheet.
 */

/** Sections have one of these, by what they are for; all others are like customs. */
const SECTION_VARIABLES: Readonly<Record<string, string>> = {
  type: '--vscode-charts-purple',
  import: '--vscode-charts-green',
  function: '--vscode-charts-purple',
  table: '--vscode-charts-yellow',
  memory: '--vscode-charts-yellow',
  global: '--vscode-charts-yellow',
  tag: '--vscode-charts-yellow',
  export: '--vscode-charts-green',
  start: '--vscode-charts-green',
  element: '--vscode-charts-red',
  'data count': '--vscode-charts-orange',
  code: '--vscode-charts-blue',
  data: '--vscode-charts-orange',
};

export interface Colours {
  readonly highContrast: boolean;
  readonly background: string;
  readonly foreground: string;
  readonly dim: string;
  readonly selection: string;
  readonly selectionBorder: string;
  readonly field: string;
  readonly parent: string;
  readonly hover: string;
  readonly match: string;
  readonly matchBorder: string;
  readonly currentMatch: string;
  readonly currentMatchBorder: string;
  readonly current: string;
  readonly currentBorder: string;
  readonly breakpoint: string;
  readonly disabledBreakpoint: string;
  readonly error: string;
  readonly slider: string;
  readonly sliderBorder: string;
  readonly font: string;
  section(name: string): string;
}

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const highContrast = document.body.className.includes('vscode-high-contrast');
  const read = (...names: string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(name).trim();
      if (value !== '') return value;
    }
    return 'transparent';
  };
  const contrast = highContrast ? ['--vscode-contrastActiveBorder', '--vscode-contrastBorder'] : [];
  const foreground = read('--vscode-editor-foreground');
  return {
    highContrast,
    background: read('--vscode-editor-background'),
    foreground,
    dim: read('--vscode-descriptionForeground'),
    // Where contrast is high, the selection's background is made for another colour of text.
    selection: highContrast ? 'transparent' : read('--vscode-editor-selectionBackground'),
    selectionBorder: highContrast ? read(...contrast) : 'transparent',
    field: read(...contrast, '--vscode-focusBorder'),
    parent: read('--vscode-editorIndentGuide-activeBackground1', '--vscode-editorLineNumber-foreground'),
    hover: read('--vscode-editor-hoverHighlightBackground', '--vscode-list-hoverBackground'),
    match: read('--vscode-editor-findMatchHighlightBackground'),
    matchBorder: highContrast ? read('--vscode-editor-findMatchHighlightBorder', ...contrast) : 'transparent',
    currentMatch: read('--vscode-editor-findMatchBackground'),
    currentMatchBorder: read('--vscode-editor-findMatchBorder', ...contrast, '--vscode-focusBorder'),
    current: read('--vscode-wasmscope-instructionBackground'),
    currentBorder: read('--vscode-wasmscope-instructionBorder', ...contrast),
    breakpoint: read('--vscode-debugIcon-breakpointForeground'),
    disabledBreakpoint: read('--vscode-debugIcon-breakpointDisabledForeground'),
    error: read('--vscode-editorError-foreground', '--vscode-errorForeground'),
    slider: highContrast
      ? 'transparent'
      : read('--vscode-minimapSlider-background', '--vscode-scrollbarSlider-background'),
    sliderBorder: read(...contrast, '--vscode-scrollbarSlider-activeBackground'),
    font: `10px ${read('--vscode-font-family')}`,
    section: (name) => read(SECTION_VARIABLES[name] ?? '--vscode-disabledForeground'),
  };
}

/** Calls back when the theme has changed. */
export function watchTheme(changed: () => void): void {
  const observer = new MutationObserver(() => changed());
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
