/**
 * What the language server needs from where it runs. Nothing else of the outside world is known to it.
 */

export interface ServerHost {
  /**
   * The bytes of a file that is not an open document.
   * Throws an Error with a message for people when it cannot be read.
   */
  readFile(uri: string): Promise<Uint8Array>;
}
