/**
 * The language server's requests beside LSP's own, as the extension sends them (docs/protocol.md describes them
 * for other clients). Plain data only; the server has its own copy of these shapes, because neither side imports
 * the other.
 */

export interface ExportedFunction {
  /** The export's name, unescaped. */
  readonly name: string;
  /** Type and, where the module gives one, name of each parameter. */
  readonly params: readonly { readonly type: string; readonly name?: string }[];
  readonly results: readonly string[];
}

export interface ExportsResult {
  readonly functions: readonly ExportedFunction[];
  /** Set when the file is no module that could run: the first fault, with its place in words. */
  readonly fault?: string;
}

/** The tests of a module of a script; a range is LSP's. */
export interface ScriptTests {
  readonly label: string;
  readonly range: ScriptRange;
  readonly tests: readonly { readonly label: string; readonly range: ScriptRange }[];
}

export interface ScriptRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** A place of `wasmscope/instantiation`: a range from the language server, a location from the debug adapter. */
export interface InstantiationPlace {
  /** In the component's bytes. */
  readonly offset?: number;
  readonly range?: ScriptRange;
  readonly location?: {
    readonly line: number;
    readonly column: number;
    readonly endLine: number;
    readonly endColumn: number;
  };
}

export interface InstantiationLink {
  readonly name: string;
  readonly to: string;
  readonly target?: string;
  readonly items?: readonly string[];
  readonly links?: readonly InstantiationLink[];
}

/** What is instantiated when a component starts; `state` while it is debugged. */
export interface InstantiationNode extends InstantiationPlace {
  readonly id: string;
  readonly kind: 'component' | 'core instance' | 'start';
  readonly name: string;
  readonly of?: string;
  readonly number?: number;
  readonly state?: 'done' | 'current';
  readonly source?: InstantiationPlace;
  readonly start?: InstantiationPlace & { readonly name: string };
  readonly links: readonly InstantiationLink[];
  readonly children: readonly InstantiationNode[];
  readonly isOpen?: boolean;
}

export interface SummaryItem {
  readonly name: string;
  readonly detail: string;
}

export interface SummaryFunction extends SummaryItem {
  readonly idx: number;
  /** Byte offset and size of the code entry; absent for imports. */
  readonly offset?: number;
  readonly size?: number;
}

export interface SummaryFault {
  readonly message: string;
  readonly offset?: number;
}

/** `wasmscope/moduleSummary`. */
export interface ModuleSummary {
  readonly size: number;
  readonly sections: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  readonly imports: readonly SummaryItem[];
  readonly exports: readonly SummaryItem[];
  readonly functions: readonly SummaryFunction[];
  /** Set when the module is malformed or invalid; the rest is what could be read. */
  readonly fault?: SummaryFault;
  /** What is wrong with the custom sections of a valid module. */
  readonly warnings?: readonly SummaryFault[];
}

/** `wasmscope/functions`: the functions with code of a `.wasm`. */
export interface FunctionsParams {
  readonly uri: string;
  /** How their documents are written: words of a document's query, `folded.offsets`. */
  readonly written?: string;
}

export interface ListedFunction {
  readonly idx: number;
  /** As its document writes it; absent for a function without a name. */
  readonly name?: string;
  /** The linker's name and the whole of what it means, where `name` is a short form of it. */
  readonly linked?: string;
  readonly full?: string;
  readonly detail: string;
  /** Bytes of code. */
  readonly size: number;
  /** Its document. */
  readonly uri: string;
}

/** `wasmscope/print`: `uri` is a `.wasm`, or a `wasmscope:` URI of one of its functions. */
export interface PrintParams {
  readonly uri: string;
}
