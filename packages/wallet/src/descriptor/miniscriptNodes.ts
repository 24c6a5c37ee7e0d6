/** Miniscript in descriptors: `wsh()` and the leaves of `tr()`. Core: ParseScript, the part about miniscript. */

import { bytesToHex } from "@chain/core";
import { present } from "@chain/core/arguments";
import { SigningProvider } from "../signingProvider.ts";
import { deriveKey, formatKey, type KeyExpression } from "./keyExpression.ts";
import {
  findInsane,
  hasValidSatisfactions,
  isSane,
  isSatisfiable,
  isValid,
  type KeyName,
  repeatsKey,
} from "./miniscript/fragment.ts";
import type { Miniscript } from "./miniscript/model.ts";
import { formatMiniscript, parseMiniscript } from "./miniscript/text.ts";
import { has } from "./miniscript/type.ts";
import type { Context, DescriptorNode } from "./node.ts";
import { type KeyReader, parseKey } from "./parseKey.ts";
import { fail, Text } from "./text.ts";
import { alignVersions } from "./versions.ts";

/**
 * The miniscript of an expression, in as many versions as its multipath specifiers have items.
 * @returns `undefined` for a text that is no miniscript
 * @throws DescriptorProblem with Core's reason, for a key that is wrong and an expression that is not sane.
 */
export function miniscriptNodes(
  expression: string,
  context: Context,
  reader: KeyReader,
): DescriptorNode[] | undefined {
  const keyContext = context === "wsh" ? "wsh" : "tr";
  const keys: KeyExpression[][] = [];
  const parsed = parseMiniscript(new Text(expression), {
    context: context === "wsh" ? "wsh" : "tapscript",
    readKey: (text) => keys.push(parseKey(text, keyContext, reader)) - 1,
  });
  if (parsed === undefined) return undefined;
  if (context !== "wsh" && context !== "tr") {
    fail("Miniscript expressions can only be used in wsh or tr.");
  }
  checkSane(
    parsed,
    keys.map(([key]) => present(key, "the first version of a key")),
  );
  const mismatch = "Miniscript: Multipath derivation paths have mismatched lengths";
  return alignVersions(keys, mismatch).map((version) => ({
    type: "miniscript",
    expression: parsed,
    keys: version,
  }));
}

function checkSane(whole: Miniscript, keys: readonly KeyExpression[]): void {
  const nameOf = keyNames(keys);
  const sane = isValid(whole) && isSane(whole, nameOf);
  if (sane && isSatisfiable(whole)) return;
  const part = findInsane(whole, nameOf) ?? whole;
  const text = formatMiniscript(part, (place) => formatKey(present(keys[place], "keys[place]")));
  if (!isValid(part)) fail(`${text} is invalid`);
  if (sane) fail(`${text} is not satisfiable`);
  fail(`${text} is not sane${whyInsane(part, whole, nameOf)}`);
}

function whyInsane(part: Miniscript, whole: Miniscript, nameOf: KeyName): string {
  if (!has(part.type, "m")) return ": malleable witnesses exist";
  if (part === whole && !has(part.type, "s")) return ": witnesses without signature exist";
  if (!has(part.type, "k")) {
    return ": contains mixes of timelocks expressed in blocks and seconds";
  }
  if (repeatsKey(part, nameOf)) return ": contains duplicate public keys";
  return hasValidSatisfactions(part) ? "" : ": needs witnesses that may exceed resource limits";
}

/** Keys are equal that derive the same public key; those of hardened paths all look alike to Core. */
function keyNames(keys: readonly KeyExpression[]): KeyName {
  const nothing = new SigningProvider();
  const names = keys.map((key) => {
    const derived = deriveKey(key, 0, nothing);
    return derived === undefined ? "" : bytesToHex(derived.publicKey);
  });
  return (place) => present(names[place], "names[place]");
}
