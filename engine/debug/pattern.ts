/**
 * Regular expressions for names, in time linear in the name: what a user types as `/^alloc/i`.
 *
 * JavaScript's own engine goes back over a text without bound (`/(a+)+$/`), and names come from modules that nobody
 * vouches for. Here all ways of matching advance together over the text (Thompson's construction). Known: literals,
 * `.`, classes, `\d \w \s \b` and their opposites, groups, `|`, `* + ? {n,m}`, `^`, `$`, and the flag i. Back
 * references and look-around cannot be done in linear time and are refused. Knows no names and no modules.
 */

import { usage } from '../base/errors.ts';

export interface Pattern {
  /** Whether some part of the text matches. */
  test(text: string): boolean;
}

type CharTest = (code: number) => boolean;
type Assertion = 'start' | 'end' | 'boundary' | 'inside';

/** A state: tests a unit and goes on at the next state, splits, asserts, or is the end. */
type State =
  | { readonly kind: 'unit'; readonly test: CharTest }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'match' };

/** A part of the expression: emits its states. */
type Part = (states: State[]) => void;

const MOST_LENGTH = 1000;
const MOST_STATES = 20_000;
const MOST_DEPTH = 100;

/** Parses what stands between the slashes. Throws a usage fault that says what is wrong. */
export function parsePattern(source: string, flags: string): Pattern {
  if (/[^i]/.test(flags)) usage(`unknown flag ${/[^i]/.exec(flags)![0]} of /${source}/: only i is known`);
  if (source.length > MOST_LENGTH) usage(`the regular expression is longer than ${MOST_LENGTH} characters`);
  const states: State[] = [];
  new Parser(source, flags === 'i').parse()(states);
  put(states, { kind: 'match' });
  return { test: (text) => run(states, text) };
}

class Parser {
  readonly #source: string;
  readonly #fold: boolean;
  #at = 0;
  #depth = 0;

  constructor(source: string, fold: boolean) {
    this.#source = source;
    this.#fold = fold;
  }

  parse(): Part {
    const part = this.#choice();
    if (this.#at < this.#source.length) this.#refuse(`unmatched ${this.#source[this.#at]}`);
    return part;
  }

  #choice(): Part {
    if (++this.#depth > MOST_DEPTH) this.#refuse('too many groups in each other');
    let part = this.#sequence();
    while (this.#take('|')) part = either(part, this.#sequence());
    this.#depth--;
    return part;
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at])) {
      parts.push(this.#repeated(this.#atom()));
    }
    return (states) => {
      for (const part of parts) part(states);
    };
  }

  #atom(): Part {
    const char = this.#source[this.#at++];
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return unit(this.#class());
      case '.':
        return unit((code) => code !== 10 && code !== 13);
      case '^':
        return assertion('start');
      case '$':
        return assertion('end');
      case '*':
      case '+':
      case '?':
        return this.#refuse(`nothing to repeat before ${char}`);
      case '\\':
        if (this.#take('b')) return assertion('boundary');
        if (this.#take('B')) return assertion('inside');
        return unit(this.#folded(this.#escape()));
      default:
        return unit(this.#folded(is(char.charCodeAt(0))));
    }
  }

  #group(): Part {
    if (this.#take('?:') === false && this.#source[this.#at] === '?') {
      this.#refuse('only plain groups and (?:…) are known: look-around and names are not');
    }
    const part = this.#choice();
    if (!this.#take(')')) this.#refuse('a group is not closed');
    return part;
  }

  #repeated(part: Part): Part {
    for (;;) {
      if (this.#take('*')) part = repeat(part, 0, Number.POSITIVE_INFINITY);
      else if (this.#take('+')) part = repeat(part, 1, Number.POSITIVE_INFINITY);
      else if (this.#take('?')) part = repeat(part, 0, 1);
      else {
        const counts = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(this.#source.slice(this.#at));
        if (!counts) return part;
        this.#at += counts[0].length;
        const least = Number(counts[1]);
        const most = !counts[2] ? least : counts[3] ? Number(counts[3]) : Number.POSITIVE_INFINITY;
        if (most < least) this.#refuse(`${counts[0]} is out of order`);
        part = repeat(part, least, most);
      }
      // A lazy repetition matches the same names.
      this.#take('?');
    }
  }

  #class(): CharTest {
    const negated = this.#take('^');
    const tests: CharTest[] = [];
    while (!this.#take(']')) {
      if (this.#at >= this.#source.length) this.#refuse('a class is not closed');
      const from = this.#classUnit();
      const range = this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']';
      if (typeof from !== 'number' || !range) {
        tests.push(typeof from === 'number' ? is(from) : from);
        continue;
      }
      this.#at++;
      const to = this.#classUnit();
      if (typeof to !== 'number' || to < from) this.#refuse('a range of a class is out of order');
      tests.push((code) => code >= from && code <= (to as number));
    }
    const any = this.#folded((code) => tests.some((test) => test(code)));
    return (code) => any(code) !== negated;
  }

  #classUnit(): number | CharTest {
    if (this.#at >= this.#source.length) this.#refuse('a class is not closed');
    if (!this.#take('\\')) return this.#source.charCodeAt(this.#at++);
    const next = this.#source[this.#at];
    if (next !== undefined && /[dwsDWS]/.test(next)) return this.#escape();
    const test = this.#escape();
    for (let code = 0; code < 0x10000; code++) if (test(code)) return code;
    return test;
  }

  /** What stands behind a backslash. */
  #escape(): CharTest {
    const char = this.#source[this.#at++];
    const kind = KINDS[char?.toLowerCase()];
    if (kind) return char === char.toLowerCase() ? kind : (code) => !kind(code);
    const control = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 }[char];
    if (control !== undefined) return is(control);
    const hex = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4}))/i.exec(this.#source.slice(this.#at - 1));
    if (hex) {
      this.#at += hex[0].length - 1;
      return is(Number.parseInt(hex[1] ?? hex[2], 16));
    }
    if (char === undefined) this.#refuse('it ends with a backslash');
    if (/[A-Za-z1-9]/.test(char)) this.#refuse(`\\${char} is not known here`);
    return is(char.charCodeAt(0));
  }

  #folded(test: CharTest): CharTest {
    if (!this.#fold) return test;
    return (code) => {
      if (test(code)) return true;
      const char = String.fromCharCode(code);
      return test(char.toLowerCase().charCodeAt(0)) || test(char.toUpperCase().charCodeAt(0));
    };
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #refuse(why: string): never {
    return usage(`/${this.#source}/ is no regular expression: ${why}`);
  }
}

const isWord: CharTest = (c) =>
  (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;

const KINDS: Readonly<Record<string, CharTest>> = {
  d: (code) => code >= 48 && code <= 57,
  w: isWord,
  s: (code) => (code >= 9 && code <= 13) || code === 32 || code === 0xa0,
};

function is(wanted: number): CharTest {
  return (code) => code === wanted;
}

function put(states: State[], state: State): number {
  if (states.length >= MOST_STATES) usage('the regular expression is too large');
  return states.push(state) - 1;
}

function unit(test: CharTest): Part {
  return (states) => put(states, { kind: 'unit', test });
}

function assertion(what: Assertion): Part {
  return (states) => put(states, { kind: 'assert', what });
}

function split(states: State[]): Extract<State, { kind: 'split' }> {
  const state = { kind: 'split' as const, first: states.length + 1, second: states.length + 1 };
  put(states, state);
  return state;
}

function either(left: Part, right: Part): Part {
  return (states) => {
    const fork = split(states);
    left(states);
    const join = split(states);
    fork.second = states.length;
    right(states);
    join.first = join.second = states.length;
  };
}

function repeat(part: Part, least: number, most: number): Part {
  return (states) => {
    for (let i = 0; i < least; i++) part(states);
    if (most === Number.POSITIVE_INFINITY) {
      const start = states.length;
      const fork = split(states);
      part(states);
      const back = split(states);
      back.first = back.second = start;
      fork.second = states.length;
      return;
    }
    const forks = Array.from({ length: most - least }, () => {
      const fork = split(states);
      part(states);
      return fork;
    });
    for (const fork of forks) fork.second = states.length;
  };
}

function run(states: readonly State[], text: string): boolean {
  const seen = new Int32Array(states.length).fill(-1);
  const pending: number[] = [];
  let now: number[] = [];
  let next: number[] = [];

  /** Follows splits and assertions from a state; true at the end of the pattern. */
  const follow = (from: number, at: number, into: number[]): boolean => {
    pending.push(from);
    for (let i = pending.pop(); i !== undefined; i = pending.pop()) {
      if (seen[i] === at) continue;
      seen[i] = at;
      const state = states[i];
      if (state.kind === 'match') {
        pending.length = 0;
        return true;
      }
      if (state.kind === 'unit') into.push(i);
      else if (state.kind === 'split') pending.push(state.second, state.first);
      else if (holds(state.what, text, at)) pending.push(i + 1);
    }
    return false;
  };

  for (let at = 0; ; at++) {
    if (follow(0, at, now)) return true;
    if (at === text.length) return false;
    const code = text.charCodeAt(at);
    for (const i of now) {
      const state = states[i];
      if (state.kind === 'unit' && state.test(code) && follow(i + 1, at + 1, next)) return true;
    }
    [now, next] = [next, now];
    next.length = 0;
  }
}

function holds(what: Assertion, text: string, at: number): boolean {
  if (what === 'start') return at === 0;
  if (what === 'end') return at === text.length;
  const before = at > 0 && isWord(text.charCodeAt(at - 1));
  const behind = at < text.length && isWord(text.charCodeAt(at));
  return (before !== behind) === (what === 'boundary');
}
