/** The outline of a WIT document, as its tree is; and what folds in it. */

import { type DocumentSymbol, type FoldingRange, FoldingRangeKind, SymbolKind } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type {
  FuncItem,
  Ident,
  InterfaceMember,
  TopItem,
  TypeItem,
  WitFunc,
  WorldMember,
} from '../../engine/component/wit/ast.ts';
import { packageKey } from '../../engine/component/wit/ast.ts';
import { WitTok } from '../../engine/component/wit/lexer.ts';
import { witFuncText, witTypeText } from '../../engine/component/wit/print.ts';
import { type WitText, witRange } from './view.ts';

const TYPES = {
  alias: SymbolKind.Interface,
  record: SymbolKind.Struct,
  variant: SymbolKind.Enum,
  enum: SymbolKind.Enum,
  flags: SymbolKind.Enum,
  resource: SymbolKind.Class,
} as const;

export function witOutline(text: WitText): DocumentSymbol[] {
  return new Outline(text).items(text.parsed.document.items);
}

class Outline {
  private readonly text: WitText;

  constructor(text: WitText) {
    this.text = text;
  }

  items(items: readonly TopItem[]): DocumentSymbol[] {
    return items.flatMap((item) => {
      switch (item.kind) {
        case 'package': {
          const name: Ident = { name: packageKey(item.package), span: item.package.span };
          return [this.symbol(name, SymbolKind.Package, item.span, '', this.items(item.items))];
        }
        case 'interface':
          return [
            this.symbol(item.name, SymbolKind.Module, item.span, 'interface', this.members(item.members)),
          ];
        case 'world':
          return [this.symbol(item.name, SymbolKind.Package, item.span, 'world', this.members(item.members))];
        default:
          return [];
      }
    });
  }

  private members(members: readonly (InterfaceMember | WorldMember)[]): DocumentSymbol[] {
    return members.flatMap((member) => {
      switch (member.kind) {
        case 'type':
          return [this.type(member)];
        case 'func':
          return [this.func(member)];
        case 'import':
        case 'export': {
          const { what, kind, span } = member;
          const name = member.name ?? (what.kind === 'path' ? what.path.name : undefined);
          if (!name) return [];
          if (what.kind === 'func')
            return [this.symbol(name, SymbolKind.Function, span, `${kind} ${funcText(what.type)}`)];
          const inside = what.kind === 'interface' ? this.members(what.members) : [];
          return [this.symbol(name, SymbolKind.Module, span, kind, inside)];
        }
        default:
          return [];
      }
    });
  }

  private type({ name, def, span }: TypeItem): DocumentSymbol {
    const detail = def.kind === 'alias' ? witTypeText(def.type) : def.kind;
    return this.symbol(name, TYPES[def.kind], span, detail, this.inside(def));
  }

  private inside(def: TypeItem['def']): DocumentSymbol[] {
    switch (def.kind) {
      case 'record':
        return def.fields.map(({ name, type }) =>
          this.symbol(
            name,
            SymbolKind.Field,
            { start: name.span.start, end: type.span.end },
            witTypeText(type),
          ),
        );
      case 'variant':
        return def.cases.map(({ name, type }) =>
          this.symbol(name, SymbolKind.EnumMember, name.span, type ? witTypeText(type) : ''),
        );
      case 'enum':
      case 'flags':
        return def.labels.map(({ name }) => this.symbol(name, SymbolKind.EnumMember, name.span, ''));
      case 'resource':
        return def.methods.map((method) => this.func(method));
      default:
        return [];
    }
  }

  private func({ name, role, type, span }: FuncItem): DocumentSymbol {
    const kind =
      role === 'constructor'
        ? SymbolKind.Constructor
        : role === 'method'
          ? SymbolKind.Method
          : SymbolKind.Function;
    return this.symbol(name, kind, span, `${role === 'static' ? 'static ' : ''}${funcText(type)}`);
  }

  private symbol(
    { name, span }: Ident,
    kind: SymbolKind,
    item: Span,
    detail: string,
    children: DocumentSymbol[] = [],
  ): DocumentSymbol {
    const around = { start: Math.min(item.start, span.start), end: Math.max(item.end, span.end) };
    return {
      name,
      kind,
      detail,
      range: witRange(this.text, around),
      selectionRange: witRange(this.text, span),
      children,
    };
  }
}

const DETAIL = 100;

function funcText(type: WitFunc): string {
  const text = witFuncText(type);
  return text.length > DETAIL ? `${text.slice(0, DETAIL)}…` : text;
}

/** Braces and comments of several lines, and lines of comments below each other. */
export function witFolding({ document, parsed }: WitText, limit = Number.POSITIVE_INFINITY): FoldingRange[] {
  const { kinds, starts, text, count } = parsed.tokens;
  const lineOf = (pos: number) => document.positionAt(pos).line;
  const found: FoldingRange[] = [];
  const open: number[] = [];
  let comments: { first: number; last: number } | undefined;
  const endComments = () => {
    if (comments && comments.last > comments.first)
      found.push({ startLine: comments.first, endLine: comments.last, kind: FoldingRangeKind.Comment });
    comments = undefined;
  };
  for (let token = 0; token < count; token++) {
    const kind = kinds[token];
    if (kind === WitTok.Space) continue;
    const [start, end] = [starts[token], starts[token + 1]];
    if (kind === WitTok.LineComment || kind === WitTok.DocComment || kind === WitTok.BlockComment) {
      const [first, last] = [lineOf(start), lineOf(end)];
      if (comments && comments.last + 1 >= first) comments.last = last;
      else {
        endComments();
        comments = { first, last };
      }
      continue;
    }
    endComments();
    if (text[start] === '{' && kind === WitTok.Op) open.push(lineOf(start));
    else if (text[start] === '}' && kind === WitTok.Op) {
      const startLine = open.pop();
      const endLine = lineOf(start) - 1;
      if (startLine !== undefined && endLine > startLine) found.push({ startLine, endLine });
    }
  }
  endComments();
  return found.sort((a, b) => a.startLine - b.startLine).slice(0, limit);
}
