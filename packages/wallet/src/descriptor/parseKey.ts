/** KEY expressions as text: hex, WIF or an extended key, with an origin before and a path behind. */
import { concatBytes, hexToBytes } from "@chain/core";
import { ExtendedKey } from "../extendedKey.ts";
import { fromWif, isPublicKey } from "../keys.ts";
import type { KeyOrigin, SigningProvider } from "../signingProvider.ts";
import { isXOnlyKey } from "../taproot.ts";
import type { KeyExpression } from "./keyExpression.ts";
import { type HardenedMark, parseKeyPath, takeRange } from "./keyPath.ts";
import type { Context } from "./node.ts";
import type { DescriptorParams } from "./params.ts";
import { fail, isHex } from "./text.ts";

/** The environment of a key: all that its parser needs beside the text. */
export interface KeyReader {
  readonly params: DescriptorParams;
  /** Where private keys are put. */
  readonly provider: SigningProvider;
}

/**
 * The key of an expression, in as many versions as its multipath specifier has items. Core: ParsePubkey.
 * @throws DescriptorProblem with Core's reason.
 */
export function parseKey(text: string, context: Context, reader: KeyReader): KeyExpression[] {
  if (text.startsWith("musig(")) {
    fail(
      context === "tr" ? "musig() is not supported" : "musig() is only allowed in tr() and rawtr()",
    );
  }
  const parts = text.split("]");
  const [before = "", after] = parts;
  if (parts.length > 2) fail("Multiple ']' characters found for a single pubkey");
  const mark = { apostrophe: false };
  if (after === undefined) return parseInner(before, context, reader, mark, undefined);
  const origin = parseOrigin(before, mark);
  return parseInner(after, context, reader, mark, origin);
}

function parseOrigin(text: string, mark: HardenedMark): KeyOrigin {
  if (!text.startsWith("[")) {
    const got = text === "" ? "]" : text.charAt(0);
    fail(`Key origin start '[ character expected but not found, got '${got}' instead`);
  }
  const [fingerprint = "", ...steps] = text.slice(1).split("/");
  if (fingerprint.length !== 8) {
    fail(`Fingerprint is not 4 bytes (${fingerprint.length} characters instead of 8 characters)`);
  }
  if (!isHex(fingerprint)) fail(`Fingerprint '${fingerprint}' is not hex`);
  const [path = []] = parseKeyPath(steps, mark, false);
  return { fingerprint: hexToBytes(fingerprint), path };
}

/** Core: ParsePubkeyInner. */
function parseInner(
  text: string,
  context: Context,
  { params, provider }: KeyReader,
  mark: HardenedMark,
  origin: KeyOrigin | undefined,
): KeyExpression[] {
  const [first = "", ...steps] = text.split("/");
  if (first === "") fail("No key provided");
  if (first.trim() !== first) fail(`Key '${first}' is invalid due to whitespace`);
  const uncompressedAllowed = context === "top" || context === "sh";
  if (steps.length === 0) {
    const single = isHex(first)
      ? parseHexKey(first, context, uncompressedAllowed)
      : parseWifKey(first, uncompressedAllowed, params, provider);
    if (single !== undefined) {
      const xOnly = single.length === 32 || (context === "tr" && !isHex(first));
      const publicKey = single.length === 32 ? concatBytes(Uint8Array.of(2), single) : single;
      return [{ type: "constant", publicKey, xOnly, origin, apostrophe: mark.apostrophe }];
    }
  }
  const root = ExtendedKey.parse(first, params);
  if (root === undefined) fail(`key '${first}' is not valid`);
  const range = takeRange(steps, mark);
  const paths = parseKeyPath(steps, mark, true);
  if (root.privateKey !== undefined) provider.addPrivateKey(root.privateKey);
  const { apostrophe } = mark;
  const neutered = root.neuter();
  return paths.map((path) => ({
    type: "extended",
    root: neutered,
    path,
    range,
    origin,
    apostrophe,
  }));
}

/** @returns 33 or 65 bytes, or the 32 of an x-only key */
function parseHexKey(text: string, context: Context, uncompressedAllowed: boolean): Uint8Array {
  // Longer ones are no keys, and text of any length can be typed.
  const bytes = text.length > 130 ? new Uint8Array(0) : hexToBytes(text);
  if (bytes.length === 65 && (bytes[0] === 6 || bytes[0] === 7)) {
    fail("Hybrid public keys are not allowed");
  }
  if (isPublicKey(bytes)) {
    if (uncompressedAllowed || bytes.length === 33) return bytes;
    fail("Uncompressed keys are not allowed");
  }
  if (context === "tr" && isXOnlyKey(bytes)) return bytes;
  fail(`Pubkey '${text}' is invalid`);
}

/** @returns the public key; `undefined` for a text that is no WIF */
function parseWifKey(
  text: string,
  uncompressedAllowed: boolean,
  params: DescriptorParams,
  provider: SigningProvider,
): Uint8Array | undefined {
  const parsed = fromWif(text, params);
  if (!parsed.ok) return undefined;
  if (!parsed.key.compressed && !uncompressedAllowed) fail("Uncompressed keys are not allowed");
  provider.addPrivateKey(parsed.key);
  return parsed.key.publicKey;
}
