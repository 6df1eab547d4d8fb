/**
 * How texts are laid out: what people can choose, and the white space in front of a line.
 */

export interface FormatOptions {
  /** Characters of a line. */
  readonly width: number;
  /** Columns of one level. */
  readonly tabSize: number;
  /** Indents with spaces; else with tabs as far as they go. */
  readonly insertSpaces: boolean;
  /** Where the `)` of a form on several lines stands: where the author had it, behind its inside, or on a line. */
  readonly closing: Closing;
  /** False: what the text ends with is left alone. */
  readonly finalNewline?: boolean;
}

export type Closing = 'keep' | 'hug' | 'line';

/** Two spaces, lines of a hundred characters, parentheses where they are. */
export const DEFAULT_FORMAT: FormatOptions = {
  width: 100,
  tabSize: 2,
  insertSpaces: true,
  closing: 'keep',
};

/** Deeper lines are not indented any more: 100,000 nested blocks would be a text of 10 GB. */
export const MOST_INDENT = 160;

export class Indents {
  private readonly made: string[] = [];
  private readonly options: FormatOptions;

  constructor(options: FormatOptions) {
    this.options = options;
  }

  /** The white space of a line that begins at a column. */
  at(column: number): string {
    return (this.made[column] ??= this.make(column));
  }

  private make(column: number): string {
    const { insertSpaces, tabSize } = this.options;
    if (insertSpaces) return ' '.repeat(column);
    const tabs = Math.floor(column / tabSize);
    return '\t'.repeat(tabs) + ' '.repeat(column - tabs * tabSize);
  }
}
