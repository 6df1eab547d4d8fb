/**
 * Which places of the network a guest may reach, as its user wrote it: `127.0.0.1:8080`, `example.com:443`, `[::1]`,
 * `*:53`, `*`.
 *
 * A name stands for the addresses that it had when the guest looked it up.
 */

/** A list of grants. */
export class NetworkGrants {
  readonly #grants: readonly Grant[];
  /** Addresses by the names that the guest has looked up. */
  readonly #learned = new Map<string, Set<string>>();

  /** Throws an Error for people if one of them is no grant. */
  constructor(texts: readonly string[]) {
    this.#grants = texts.map(parseGrant);
  }

  /** Whether anything is granted at all. */
  get isEmpty(): boolean {
    return this.#grants.length === 0;
  }

  /** Whether a host, by its name or address, may be reached at a port; a grant without a port is for all of them. */
  allows(host: string, port: number): boolean {
    const wanted = canonicalHost(host);
    return this.#grants.some(
      (grant) =>
        (grant.port === undefined || grant.port === port) &&
        (grant.host === undefined || grant.host === wanted || this.#learned.get(grant.host)?.has(wanted)),
    );
  }

  /** Whether a name may be looked up: addresses of hosts that are not granted are nobody's business. */
  allowsLookup(name: string): boolean {
    const wanted = canonicalHost(name);
    return this.#grants.some(({ host }) => host === undefined || host === wanted);
  }

  /** A name that may be looked up has these addresses. */
  learn(name: string, addresses: readonly string[]): void {
    const key = canonicalHost(name);
    const known = this.#learned.get(key) ?? new Set();
    for (const address of addresses) known.add(canonicalHost(address));
    this.#learned.set(key, known);
  }
}

interface Grant {
  /** Undefined: any. */
  readonly host: string | undefined;
  /** Undefined: any. */
  readonly port: number | undefined;
}

function parseGrant(text: string): Grant {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+))(?::(\d{1,5}|\*))?$/.exec(text) ?? [];
  // An IPv6 address without brackets can have no port.
  const bare = /^[0-9A-Fa-f]*(:[0-9A-Fa-f.]*){2,}$/.test(text) ? text : undefined;
  const host = bracketed ?? plain ?? bare;
  const port = digits === undefined || digits === '*' ? undefined : Number(digits);
  const isBadAddress = host?.includes(':') && parseIpv6(host) === undefined;
  if (host === undefined || isBadAddress || (port !== undefined && port > 65_535)) {
    throw new Error(`network: ${text} is no grant: HOST, HOST:PORT or * is expected`);
  }
  return { host: host === '*' ? undefined : canonicalHost(host), port };
}

/** Names in lower case and without the dot of the root; IPv6 addresses with all their zeros. */
export function canonicalHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare.includes(':'))
    return (
      parseIpv6(bare)
        ?.map((part) => part.toString(16))
        .join(':') ?? bare
    );
  return bare.replace(/\.$/, '');
}

/** The four bytes of an address; undefined if it is none. */
export function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.map(Number);
}

/** The eight words of an address, without its zone; undefined if it is none. */
export function parseIpv6(text: string): number[] | undefined {
  const [address] = text.split('%');
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')).flatMap(words));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const all = [...head, ...new Array<number>(halves.length === 2 ? gap : 0).fill(0), ...tail];
  return all.every((word) => word >= 0 && word <= 0xffff) ? all : undefined;
}

/** A part of an IPv6 address: one word, or two if it is written as an IPv4 address; NaN if it is nothing. */
function words(part: string): number[] {
  if (/^[0-9a-f]{1,4}$/i.test(part)) return [Number.parseInt(part, 16)];
  const v4 = parseIpv4(part);
  return v4 ? [v4[0] * 256 + v4[1], v4[2] * 256 + v4[3]] : [Number.NaN];
}
