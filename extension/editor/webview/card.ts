/**
 * The card of a byte: everything that is known about it, as a list of named rows. The hover and the pane beside the grid
 * show the same.
 */

import './card.css';
import type { ByteFault, ByteInfo, InstructionCard, LebGroups } from '../../language/byte-protocol.ts';
import type { LiveValue } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { type Child, element, hex, percent } from './dom.ts';
import { filled } from './strings.ts';

export interface CardActions {
  goTo(start: number, end: number): void;
  openLink(url: string): void;
}

/** `live` are values of the program that is stopped here. */
export function card(
  info: ByteInfo,
  live: readonly LiveValue[],
  strings: ModuleStrings,
  actions: CardActions,
): HTMLElement {
  const { instruction, leb, fault, meaning } = info;
  const rows: (readonly [string, readonly Child[]])[] = [
    [strings.path, [info.path.map(({ title }) => title).join(' › ')]],
    [strings.bytes, bytesOf(info, strings)],
  ];
  if (info.value !== undefined) rows.push([strings.value, [code(info.value)]]);
  if (leb && (leb.groups.length > 1 || leb.needed < leb.groups.length)) {
    rows.push([strings.leb, [lebTable(leb, strings)]]);
  }
  if (meaning.length > 0) rows.push([strings.meaning, meaning.map((line) => element('div', {}, [line]))]);
  if (instruction) rows.push(...instructionRows(instruction, info, strings));
  if (live.length > 0) {
    rows.push([
      strings.now,
      live.map(({ name, value }) => element('div', { class: 'live' }, [`${name} = ${value}`])),
    ]);
  }
  rows.push([strings.share, [shareOf(info, strings)]]);
  rows.push([strings.defined, [link(info.clause, actions)]]);
  return element('div', { class: 'card', 'data-offset': String(info.offset) }, [
    element('div', { class: 'title' }, titleOf(info)),
    ...(fault ? [faultOf(fault, strings, actions)] : []),
    ...(instruction ? [element('p', { class: 'sentence' }, [instruction.sentence])] : []),
    element(
      'dl',
      {},
      rows.flatMap(([name, content]) => [element('dt', {}, [name]), element('dd', {}, content)]),
    ),
  ]);
}

function titleOf({ instruction, label, value }: ByteInfo): Child[] {
  const head = instruction ? instruction.name : label;
  const about = instruction && label !== 'opcode' ? label : undefined;
  return [
    element('span', { class: 'name' }, [head]),
    ...(about ? [' ', element('span', { class: 'about' }, [about])] : []),
    ...(value !== undefined && label !== 'opcode'
      ? [' ', element('span', { class: 'value' }, [value.length > 60 ? `${value.slice(0, 60)}…` : value])]
      : []),
  ];
}

function bytesOf({ bytes, start, end }: ByteInfo, strings: ModuleStrings): Child[] {
  const cut = end - start > bytes.split(' ').length;
  const size = end - start === 1 ? strings.oneByte : filled(strings.manyBytes, end - start);
  return [code(cut ? `${bytes} …` : bytes), ` ${filled(strings.atOffset, hex(start), size)}`];
}

function instructionRows(
  { type, stack, traps, labels, wat, start, end }: InstructionCard,
  { label, start: own }: ByteInfo,
  strings: ModuleStrings,
): (readonly [string, readonly Child[]])[] {
  const rows: (readonly [string, readonly Child[]])[] = [];
  if (label !== 'opcode' || own !== start) {
    rows.push([strings.instruction, [`${hex(start)} – ${hex(end - 1)}`]]);
  }
  rows.push([strings.type, [code(type)]]);
  if (stack) {
    const after = stack.after ?? strings.nothingAfter;
    const text = stack.reachable ? `${stack.before} → ${after}` : strings.unreachable;
    rows.push([strings.stack, [code(text)]]);
  }
  if (wat) rows.push([strings.wat, [code(wat.text)]]);
  if (traps.length > 0) rows.push([strings.traps, traps.map((trap) => element('div', {}, [trap]))]);
  if (labels && labels.length > 0 && label === 'opcode') {
    rows.push([strings.labels, labels.slice(0, 8).map((text, i) => element('div', {}, [`${i}: ${text}`]))]);
  }
  return rows;
}

/** One box a byte: whether more follow, and its seven bits. */
function lebTable({ groups, needed, signed }: LebGroups, strings: ModuleStrings): HTMLElement {
  const boxes = groups.map(({ byte, bits, shift, more }) =>
    element('span', { class: 'group', title: filled(strings.lebGroup, shift, shift + 6) }, [
      element('span', { class: 'byte' }, [byte.toString(16).padStart(2, '0')]),
      element('span', { class: 'bits' }, [
        element('span', { class: 'more' }, [more ? '1' : '0']),
        ` ${bits.toString(2).padStart(7, '0')}`,
      ]),
    ]),
  );
  const over = groups.length - needed;
  const note = [
    signed ? strings.lebSigned : strings.lebUnsigned,
    ...(over > 0 ? [filled(strings.lebLong, needed, groups.length)] : []),
  ];
  return element('div', { class: 'leb' }, [
    element('div', { class: 'groups' }, boxes),
    element('div', { class: over > 0 ? 'note long' : 'note' }, [note.join(' ')]),
  ]);
}

function shareOf({ share, sectionShare }: ByteInfo, strings: ModuleStrings): string {
  const own = filled(strings.ofFile, percent(share));
  return sectionShare === undefined ? own : `${own}, ${filled(strings.sectionOfFile, percent(sectionShare))}`;
}

function faultOf({ message, notes }: ByteFault, strings: ModuleStrings, actions: CardActions): HTMLElement {
  const lines = notes.map((note) => {
    const { offset } = note;
    if (offset === undefined) return element('div', { class: 'note' }, [note.message]);
    const go = element('button', { type: 'button', class: 'link' }, [hex(offset)]);
    go.addEventListener('click', () => actions.goTo(offset, offset + 1));
    return element('div', { class: 'note' }, [`${note.message} `, go]);
  });
  const mark = element('span', { class: 'sign', role: 'img', 'aria-label': strings.problem }, ['✕']);
  return element('div', { class: 'fault' }, [element('div', {}, [mark, ` ${message}`]), ...lines]);
}

function link({ title, url }: ByteInfo['clause'], actions: CardActions): HTMLElement {
  const made = element('a', { href: url }, [title]);
  made.addEventListener('click', (event) => {
    event.preventDefault();
    actions.openLink(url);
  });
  return made;
}

function code(text: string): HTMLElement {
  return element('code', {}, [text]);
}
