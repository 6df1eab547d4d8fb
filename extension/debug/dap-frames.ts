/**
 * The framing of the Debug Adapter Protocol's base protocol: `Content-Length: n`, an empty line, n bytes of JSON.
 *
 * Knows bytes and JSON only. Used where the adapter is a child process; workers post messages as objects.
 */

const HEADER_END = Buffer.from('\r\n\r\n');

export class DapFrames {
  #pending: Buffer = Buffer.alloc(0);

  /** Takes a chunk of the stream, gives the messages that are complete now. Throws on a broken header. */
  push(chunk: Buffer): unknown[] {
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, chunk]) : chunk;
    const messages: unknown[] = [];
    for (;;) {
      const headerEnd = this.#pending.indexOf(HEADER_END);
      if (headerEnd < 0) return messages;
      const length = /Content-Length: *(\d+)/i.exec(this.#pending.toString('latin1', 0, headerEnd));
      if (!length) throw new Error('the debug adapter sent a header without Content-Length');
      const start = headerEnd + HEADER_END.length;
      const end = start + Number(length[1]);
      if (this.#pending.length < end) return messages;
      messages.push(JSON.parse(this.#pending.toString('utf8', start, end)));
      this.#pending = this.#pending.subarray(end);
    }
  }

  static encode(message: unknown): Buffer {
    const body = Buffer.from(JSON.stringify(message), 'utf8');
    return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, 'latin1'), body]);
  }
}
