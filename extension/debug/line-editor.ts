/**
 * A line as somebody types it in a terminal: echo, erasing, sending by Enter. What a terminal's driver does elsewhere. Knows no
 * VS Code.
 */

export interface LineEditorOwner {
  /** Shows text; line ends are `\r\n`. */
  echo(text: string): void;
  /** A line with its end, or what was typed so far when the user ends the input behind it. */
  send(text: string): void;
  /** Ctrl+D on an empty line: nothing more comes. */
  end(): void;
  /** Ctrl+C. */
  interrupt(): void;
}

export class LineEditor {
  readonly #owner: LineEditorOwner;
  /** The characters of the line, each as people see it. */
  #line: string[] = [];
  #ended = false;

  constructor(owner: LineEditorOwner) {
    this.#owner = owner;
  }

  /** Takes what a terminal gives for keys, or a text that was pasted. */
  input(data: string): void {
    // Keys such as arrows: there is nothing to move in.
    if (data.startsWith('\u001b')) return;
    for (const char of data.replaceAll('\r\n', '\r')) this.#take(char);
  }

  #take(char: string): void {
    const owner = this.#owner;
    if (char === '\u0003') owner.interrupt();
    else if (!this.#ended) this.#edit(char);
  }

  #edit(char: string): void {
    const owner = this.#owner;
    switch (char) {
      case '\r':
      case '\n':
        owner.echo('\r\n');
        this.#send('\n');
        break;
      case '\u0004':
        this.#ended = this.#line.length === 0;
        if (this.#ended) owner.end();
        else this.#send('');
        break;
      case '\u007f':
      case '\b':
        if (this.#line.pop() !== undefined) owner.echo('\b \b');
        break;
      case '\u0015':
        owner.echo('\b \b'.repeat(this.#line.length));
        this.#line = [];
        break;
      default:
        if (char < ' ' && char !== '\t') break;
        this.#line.push(char);
        owner.echo(char);
    }
  }

  #send(ending: string): void {
    this.#owner.send(`${this.#line.join('')}${ending}`);
    this.#line = [];
  }
}
