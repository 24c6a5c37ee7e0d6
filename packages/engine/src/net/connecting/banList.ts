import type { Milliseconds, Seconds } from "@chain/core";
import {
  optional,
  requireBytes,
  requireIterable,
  requireNumber,
  requireString,
} from "@chain/core/arguments";
import {
  compareSubnets,
  formatSubnet,
  parseSubnet,
  type Subnet,
  subnetContains,
} from "../kit/subnet.ts";

/** How long a ban lasts that says nothing else. Core: DEFAULT_MISBEHAVING_BANTIME. Seconds. */
export const DEFAULT_BAN_TIME: Seconds = 24 * 60 * 60;
/** More is no list that a person made. */
const MAX_BANS = 10_000;

export interface Ban {
  /** `10.1.0.0/16` */
  readonly subnet: string;
  /** Seconds since 1970. */
  readonly createdAt: Seconds;
  readonly until: Seconds;
}

/**
 * Addresses that the operator wants no connection with, either way, until a time. A peer that breaks a
 * rule is not on it: it is only discouraged, which a restart forgets. Core: BanMan.
 *
 * @example
 * const bans = new BanList();
 * bans.add("10.1.0.0/16", now);
 * bans.has(ip, now) // true: it is 10.1.2.3
 */
export class BanList {
  readonly #bans = new Map<string, Ban & { readonly range: Subnet }>();

  readonly #banTime: Seconds;

  /**
   * @param saved the bans of a list that was kept; what is no ban in it is left out
   * @param banTime seconds that a ban lasts which says nothing else; by default a day
   */
  constructor(saved: Iterable<Ban> = [], banTime: Seconds = DEFAULT_BAN_TIME) {
    requireIterable(saved, "saved", "bans");
    requireNumber(banTime, "banTime");

    this.#banTime = banTime;

    for (const { subnet, createdAt, until } of saved) {
      const range = parseSubnet(subnet);
      if (range === undefined || this.#bans.size >= MAX_BANS) continue;
      this.#bans.set(formatSubnet(range), { subnet: formatSubnet(range), createdAt, until, range });
    }
  }

  /**
   * Bans, or makes a ban longer: never shorter.
   * @param text a subnet, see `parseSubnet`
   * @param until seconds since 1970; by default the ban time from now
   * @returns the subnet as it is listed; undefined where the text names none, or nothing more can be kept
   */
  add(text: string, now: Milliseconds, until?: Seconds): string | undefined {
    requireString(text, "text");
    requireNumber(now, "now");
    optional(until, "until", requireNumber);

    const range = parseSubnet(text);
    if (range === undefined) return undefined;
    const subnet = formatSubnet(range);
    const createdAt = Math.floor(now / 1000);
    const end = until ?? createdAt + this.#banTime;
    const before = this.#bans.get(subnet);
    if (before === undefined && this.#bans.size >= MAX_BANS) return undefined;
    if ((before?.until ?? 0) < end)
      this.#bans.set(subnet, { subnet, createdAt, until: end, range });
    return subnet;
  }

  /** @returns whether there was such a ban */
  remove(text: string): boolean {
    requireString(text, "text");

    const range = parseSubnet(text);
    return range !== undefined && this.#bans.delete(formatSubnet(range));
  }

  clear(): void {
    this.#bans.clear();
  }

  /** Whether there is a ban of just this subnet; where it is one address, of whichever holds it. */
  covers(text: string, now: Milliseconds): boolean {
    requireString(text, "text");
    requireNumber(now, "now");

    const range = parseSubnet(text);
    if (range === undefined) return false;
    if ("ip" in range && range.prefix === 128) return this.has(range.ip, now);
    return (this.#bans.get(formatSubnet(range))?.until ?? 0) > now / 1000;
  }

  /** Whether an address is banned, by itself or with others. @param ip 16 bytes */
  has(ip: Uint8Array, now: Milliseconds): boolean {
    requireBytes(ip, "ip");
    requireNumber(now, "now");

    for (const { range, until } of this.#bans.values()) {
      if (until > now / 1000 && subnetContains(range, ip)) return true;
    }
    return false;
  }

  /** The bans that hold, by address; those that are over are forgotten. */
  list(now: Milliseconds): readonly Ban[] {
    requireNumber(now, "now");

    for (const [key, { until }] of this.#bans) if (until <= now / 1000) this.#bans.delete(key);
    return [...this.#bans.values()]
      .toSorted((a, b) => compareSubnets(a.range, b.range))
      .map(({ subnet, createdAt, until }) => ({ subnet, createdAt, until }));
  }
}
