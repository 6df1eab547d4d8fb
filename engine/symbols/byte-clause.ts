/**
 * Where the specification, or the convention that a section follows, defines a part of a binary.
 */

import { SECTION } from '../binary/sections.ts';
import { instrAt } from '../binary/structure/instructions.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { specLink } from '../isa/docs.ts';

export interface Clause {
  readonly title: string;
  readonly url: string;
}

const CORE = 'https://webassembly.github.io/spec/core/';
const TOOLS = 'https://github.com/WebAssembly/tool-conventions/blob/main/';

const SECTIONS: Readonly<Record<number, string>> = {
  [SECTION.custom]: 'binary-customsec',
  [SECTION.type]: 'binary-typesec',
  [SECTION.import]: 'binary-importsec',
  [SECTION.function]: 'binary-funcsec',
  [SECTION.table]: 'binary-tablesec',
  [SECTION.memory]: 'binary-memsec',
  [SECTION.global]: 'binary-globalsec',
  [SECTION.export]: 'binary-exportsec',
  [SECTION.start]: 'binary-startsec',
  [SECTION.element]: 'binary-elemsec',
  [SECTION.code]: 'binary-codesec',
  [SECTION.data]: 'binary-datasec',
  [SECTION.dataCount]: 'binary-datacountsec',
  [SECTION.tag]: 'binary-tagsec',
};

/** Custom sections by the beginning of their names. */
const CUSTOMS: readonly (readonly [name: string, clause: Clause])[] = [
  ['name', { title: 'Name section', url: `${CORE}appendix/custom.html#binary-namesec` }],
  ['metadata.code.', { title: 'Code metadata', url: `${TOOLS}CodeMetadata.md` }],
  ['producers', { title: 'Producers section', url: `${TOOLS}ProducersSection.md` }],
  [
    'target_features',
    { title: 'Target features section', url: `${TOOLS}Linking.md#target-features-section` },
  ],
  ['linking', { title: 'Linking section', url: `${TOOLS}Linking.md#linking-metadata-section` }],
  ['reloc.', { title: 'Relocation sections', url: `${TOOLS}Linking.md#relocation-sections` }],
  ['dylink.0', { title: 'Dynamic linking', url: `${TOOLS}DynamicLinking.md#the-dylink0-section` }],
  ['build_id', { title: 'Build id', url: `${TOOLS}BuildId.md` }],
  ['sourceMappingURL', { title: 'Source maps', url: `${TOOLS}Debugging.md#source-maps` }],
  [
    'external_debug_info',
    { title: 'External debug information', url: `${TOOLS}Debugging.md#external-dwarf` },
  ],
  ['.debug_', { title: 'DWARF', url: 'https://dwarfstd.org/dwarf5std.html' }],
  [
    'component-type',
    { title: 'Component types', url: 'https://component-model.bytecodealliance.org/design/wit.html' },
  ],
];

const COMPONENT: Clause = {
  title: 'Component binary format',
  url: 'https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md',
};

/** What defines the innermost part of a path that something defines. */
export function clauseOf(bytes: Uint8Array, path: readonly ByteNode[]): Clause {
  for (let i = path.length - 1; i >= 0; i--) {
    const file = path.slice(0, i).findLast(({ kind }) => kind === 'file');
    const clause = clauseOfNode(bytes, path[i], file);
    if (clause) return clause;
  }
  return { title: 'Modules', url: `${CORE}binary/modules.html#binary-module` };
}

function clauseOfNode(bytes: Uint8Array, node: ByteNode, file: ByteNode | undefined): Clause | undefined {
  switch (node.kind) {
    case 'instruction': {
      const instr = instrAt(bytes, node.start);
      return instr && { title: instr.name, url: specLink(instr) };
    }
    case 'header':
      if (file?.value === 'component') return COMPONENT;
      return { title: 'Modules', url: `${CORE}binary/modules.html#binary-module` };
    case 'expr':
      return { title: 'Expressions', url: `${CORE}binary/instructions.html#binary-expr` };
    case 'type':
      return { title: 'Types', url: `${CORE}binary/types.html#binary-${node.form ? 'valtype' : 'rectype'}` };
    case 'section': {
      const id = node.index!;
      if (id === SECTION.custom) {
        const known = CUSTOMS.find(([name]) => isCalled(String(node.value ?? ''), name));
        if (known) return known[1];
      } else if (file?.value === 'component') return COMPONENT;
      const anchor = SECTIONS[id];
      const url = `${CORE}binary/modules.html#${anchor ?? 'binary-section'}`;
      return { title: anchor ? `${capitalised(node.label)} section` : 'Sections', url };
    }
    case 'file':
      return node.value === 'component' ? COMPONENT : undefined;
    default:
      return undefined;
  }
}

/** `reloc.` begins many names, `name` is one. */
function isCalled(name: string, known: string): boolean {
  return /[._]$/.test(known) || known === 'component-type' ? name.startsWith(known) : name === known;
}

function capitalised(label: string): string {
  return label.startsWith('custom') ? 'Custom' : label[0].toUpperCase() + label.slice(1);
}
