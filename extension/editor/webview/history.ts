/**
 * Places that somebody has been to, to go back and forward between. Near moves change the present place; jumps make a new one.
 */

const MOST = 100;

export class History {
  #places: number[] = [];
  #at = -1;

  get canGoBack(): boolean {
    return this.#at > 0;
  }

  get canGoForward(): boolean {
    return this.#at < this.#places.length - 1;
  }

  /** The present place has become another one, without a jump. */
  moved(offset: number): void {
    if (this.#at < 0) this.#at = 0;
    this.#places[this.#at] = offset;
  }

  /** Somebody jumped here: what was ahead is gone. */
  jumped(offset: number): void {
    if (this.#places[this.#at] === offset) return;
    this.#places = [...this.#places.slice(0, this.#at + 1), offset].slice(-MOST);
    this.#at = this.#places.length - 1;
  }

  back(): number | undefined {
    return this.canGoBack ? this.#places[--this.#at] : undefined;
  }

  forward(): number | undefined {
    return this.canGoForward ? this.#places[++this.#at] : undefined;
  }
}
