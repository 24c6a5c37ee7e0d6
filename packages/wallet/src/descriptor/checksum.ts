/** The eight characters behind `#` that find typing mistakes in a descriptor (BIP-0380). */
import { present, requireBoolean, requireString } from "@chain/core/arguments";
import { type Refused, refused } from "../errors.ts";

/** Three groups of 32 characters: those that are often typed wrong for each other are in one group. */
const INPUT =
  "0123456789()[],'/*abcdefgh@:$%{}" +
  "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~" +
  'ijklmnopqrstuvwxyzABCDEFGH`#"\\ ';
const OUTPUT = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** Of the code's generator, times 1, 2, 4, 8 and 16: upper and lower 20 bits. */
const GENERATOR = [
  [0xf5dee, 0x51989],
  [0xa9fdc, 0xa3312],
  [0x1bab1, 0x0e32d],
  [0x3706b, 0x1677a],
  [0x644d6, 0x26ffd],
] as const;
const LENGTH = 8;

/** Multiples of the generator by what leaves the upper half. */
const MULTIPLES: readonly (readonly [high: number, low: number])[] = /* @__PURE__ */ Array.from(
  { length: 32 },
  (_, top) =>
    GENERATOR.reduce<readonly [number, number]>(
      ([high, low], [ofHigh, ofLow], bit) =>
        ((top >> bit) & 1) === 0 ? [high, low] : [high ^ ofHigh, low ^ ofLow],
      [0, 0],
    ),
);

/** A cyclic code over GF(32) with eight symbols of state, in two halves of 20 bits. Core: PolyMod. */
class CyclicCode {
  #high = 0;
  #low = 1;

  add(symbol: number): void {
    const [high, low] = present(MULTIPLES[this.#high >> 15], "one of 32 multiples");
    this.#high = (((this.#high << 5) & 0xfffff) | (this.#low >> 15)) ^ high;
    this.#low = ((this.#low << 5) & 0xfffff) ^ symbol ^ low;
  }

  /** The eight symbols that end the code. */
  finish(): number[] {
    for (let i = 0; i < LENGTH; i++) this.add(0);
    this.#low ^= 1; // else zeros could be appended unnoticed
    return [this.#high, this.#low].flatMap((half) => [15, 10, 5, 0].map((at) => (half >> at) & 31));
  }
}

/**
 * The checksum of a descriptor that has none yet. Source: BIP-0380; Core: DescriptorChecksum.
 * @returns `undefined` where the text holds a character that no descriptor has
 * @example descriptorChecksum("raw(deadbeef)") // "89f8spxm"
 */
export function descriptorChecksum(text: string): string | undefined {
  requireString(text, "text");
  const code = new CyclicCode();
  let group = 0;
  let count = 0;
  for (const character of text) {
    const place = INPUT.indexOf(character);
    if (place < 0) return undefined;
    code.add(place & 31);
    group = group * 3 + (place >> 5);
    if (++count === 3) {
      code.add(group);
      group = 0;
      count = 0;
    }
  }
  if (count > 0) code.add(group);
  return code
    .finish()
    .map((symbol) => OUTPUT.charAt(symbol))
    .join("");
}

/** A descriptor without its checksum, and the right checksum; or why there is none, in Core's words. */
export type ChecksumResult =
  | { readonly ok: true; readonly payload: string; readonly checksum: string }
  | Refused<"checksum">;

/**
 * Takes the checksum off a descriptor, after checking it. Source: BIP-0380; Core: CheckChecksum.
 * @param required whether a descriptor without one is refused
 * @example checkDescriptorChecksum("raw(deadbeef)#89f8spxm", true).ok // true
 */
export function checkDescriptorChecksum(text: string, required: boolean): ChecksumResult {
  requireString(text, "text");
  requireBoolean(required, "required");
  const [payload = "", given, more] = text.split("#", 3);
  if (more !== undefined) return refused("checksum", "Multiple '#' symbols");
  if (given === undefined && required) return refused("checksum", "Missing checksum");
  if (given !== undefined && given.length !== LENGTH) {
    return refused("checksum", `Expected 8 character checksum, not ${given.length} characters`);
  }
  const checksum = descriptorChecksum(payload);
  if (checksum === undefined) return refused("checksum", "Invalid characters in payload");
  if (given !== undefined && given !== checksum) {
    return refused(
      "checksum",
      `Provided checksum '${given}' does not match computed checksum '${checksum}'`,
    );
  }
  return { ok: true, payload, checksum };
}
