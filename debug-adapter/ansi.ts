/**
 * Escape sequences in what a program prints: taken out for clients that would show them as they are.
 *
 * Sequences are those of ECMA-48: CSI (`ESC [ … letter`), OSC (`ESC ] … BEL` or `ESC \`), and the short ones. A piece of output
 * may end in the middle of one.
 */

/** A stream of text without its escape sequences. */
export class PlainText {
  #rest = '';

  /** The plain text of one more piece. */
  take(piece: string): string {
    const text = this.#rest + piece;
    const cut = UNFINISHED.exec(text)?.index ?? text.length;
    const isEndless = text.length - cut > LONGEST;
    this.#rest = isEndless ? '' : text.slice(cut);
    return (isEndless ? text : text.slice(0, cut)).replace(SEQUENCE, '');
  }
}

/** No sequence is longer: what seems to be is none. */
const LONGEST = 4096;

const ESC = '\u001b';
const SEQUENCE = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)|[ -/]*[0-Z\\\\^-~])`,
  'g',
);
/** The begin of one at the end of a piece. */
const UNFINISHED = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*|\\][^\\u0007${ESC}]*(?:${ESC})?|[ -/]*)$`);
