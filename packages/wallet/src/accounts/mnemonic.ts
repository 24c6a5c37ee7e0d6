/** A seed as words that people write down (BIP-0039). */

import { ArgumentError } from "@chain/core";
import { requireFields, requireString } from "@chain/core/arguments";
import { randomBytes as secureRandomBytes } from "@noble/hashes/utils.js";
import { entropyToMnemonic, mnemonicToSeed, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { type Refused, refused } from "../errors.ts";
import type { RandomBytes } from "../keys.ts";

/** Counts of words that a mnemonic may have: three for each 32 bits of entropy. */
const LENGTHS = [12, 15, 18, 21, 24] as const;

export type MnemonicLength = (typeof LENGTHS)[number];

/** Longer than 24 of the longest words. */
const MAX_TEXT = 1_000;

/**
 * Words of a new seed, from the English list, which all wallets read.
 * @param options `words`: how many, 12 unless told otherwise, which is 128 bits of entropy; `randomBytes`: the system's
 *   generator unless told otherwise
 * @example newMnemonic().split(" ").length // 12
 */
export function newMnemonic(
  options: { readonly words?: MnemonicLength; readonly randomBytes?: RandomBytes } = {},
): string {
  requireFields(options, "options", { words: "number?", randomBytes: "function?" });
  const { words = 12, randomBytes = secureRandomBytes } = options;
  if (!LENGTHS.includes(words)) {
    throw new ArgumentError("options.words", `one of ${LENGTHS.join(", ")}`, words);
  }
  return entropyToMnemonic(randomBytes((words / 3) * 4), wordlist);
}

export type MnemonicProblem = "word-count" | "unknown-word" | "checksum";

export type ReadMnemonic =
  | {
      readonly ok: true;
      /** As `seedOfMnemonic` takes it: in small letters, a space between words. */
      readonly mnemonic: string;
    }
  | Refused<MnemonicProblem>;

/**
 * Reads the words of a mnemonic as people type them: in capitals or not, with any space between, each in full or by
 * its first four letters, of which no two words of the list share all.
 * @returns a refusal that says which word is wrong, and what may be meant. It quotes that word.
 * @example
 * const read = readMnemonic(`${"ABAN ".repeat(11)}about`);
 * read.ok ? read.mnemonic : "" // "abandon abandon …"
 * const wrong = readMnemonic(`${"abandon ".repeat(11)}abuot`);
 * wrong.ok ? "" : wrong.reason // "word 12, \"abuot\", is not in the list: is it \"about\"?"
 */
export function readMnemonic(text: string): ReadMnemonic {
  requireString(text, "text");
  const typed = text.slice(0, MAX_TEXT).normalize("NFKD").toLowerCase().trim().split(/\s+/);
  const count = typed[0] === "" ? 0 : typed.length;
  if (text.length > MAX_TEXT || !(LENGTHS as readonly number[]).includes(count)) {
    const counts = `${LENGTHS.slice(0, -1).join(", ")} or ${LENGTHS.at(-1)} words`;
    return refused("word-count", `a mnemonic has ${counts}, and this has ${count}`);
  }
  const words: string[] = [];
  for (const [at, word] of typed.entries()) {
    const found = wordOf(word);
    if (found === undefined) return refused("unknown-word", unknown(word, at + 1));
    words.push(found);
  }
  const mnemonic = words.join(" ");
  if (validateMnemonic(mnemonic, wordlist)) return { ok: true, mnemonic };
  const reason =
    "all words are in the list, but their checksum is wrong: one of them is another, or two have changed places";
  return refused("checksum", reason);
}

/**
 * The 64 bytes that a master key is made of, for `ExtendedKey.fromSeed`.
 * @param passphrase other passphrases make other seeds, and none is wrong
 * @throws ArgumentError for a text that `readMnemonic` refuses, though BIP-0039 makes a seed of any text
 * @example (await seedOfMnemonic("abandon ".repeat(11) + "about")).length // 64
 */
export async function seedOfMnemonic(mnemonic: string, passphrase = ""): Promise<Uint8Array> {
  requireString(mnemonic, "mnemonic");
  requireString(passphrase, "passphrase");
  const read = readMnemonic(mnemonic);
  if (!read.ok) throw new ArgumentError("mnemonic", `a mnemonic (${read.reason})`, "another text");
  return await mnemonicToSeed(read.mnemonic, passphrase);
}

/** The word of the list that was typed, in full or by four letters. */
function wordOf(typed: string): string | undefined {
  if (wordlist.includes(typed)) return typed;
  return typed.length === 4 ? wordlist.find((word) => word.startsWith(typed)) : undefined;
}

function unknown(word: string, place: number): string {
  const distances = wordlist.map((candidate) => distance(word, candidate));
  const nearest = Math.min(2, ...distances);
  const near = wordlist
    .filter((_, i) => distances[i] === nearest)
    .slice(0, 3)
    .map((candidate) => `"${candidate}"`);
  const meant = near.length === 0 ? "" : `: is it ${near.join(" or ")}?`;
  // A word typed in the wrong place may be long, or a secret of another kind.
  const shown = word.length > 12 ? `"${word.slice(0, 3)}…"` : `"${word}"`;
  return `word ${place}, ${shown}, is not in the list${meant}`;
}

/** Letters to change, add, take away or swap with their neighbours, to make one word of the other. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + same,
      );
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) best = Math.min(best, (before[j - 2] as number) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] as number;
}
