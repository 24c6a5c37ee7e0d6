/** PSBTs as Bitcoin Core's family reads, fills, signs, analyzes and finalizes them. */
import {
  bytesToHex,
  regtest,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
} from "@chain/core";
import { SOLVABLE } from "@chain/testing/descriptorTexts";
import { psbtCase } from "@chain/testing/psbtCases";
import { Rng } from "@chain/testing/random";
import {
  analyzePsbt,
  combinePsbts,
  encodePsbt,
  extractTransaction,
  formatPsbt,
  type InputAnalysis,
  isFinalInput,
  joinPsbts,
  PSBT_IN,
  type Psbt,
  parsePsbt,
  signPsbt,
  updatePsbt,
} from "@chain/wallet/psbt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const daemon: Daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const seed = 7;

const HASH_TYPES = [
  [undefined, "DEFAULT"],
  [SIGHASH_ALL, "ALL"],
  [SIGHASH_NONE, "NONE"],
  [SIGHASH_SINGLE, "SINGLE"],
  [SIGHASH_ALL | SIGHASH_ANYONECANPAY, "ALL|ANYONECANPAY"],
  [SIGHASH_NONE | SIGHASH_ANYONECANPAY, "NONE|ANYONECANPAY"],
  [SIGHASH_SINGLE | SIGHASH_ANYONECANPAY, "SINGLE|ANYONECANPAY"],
] as const;

/** A key expression: extended, hex, or WIF. */
const KEY = /tp(?:ub|rv)\w+|\b[0-9a-f]{64,130}\b|\b[c9][1-9A-HJ-NP-Za-km-z]{50,51}\b/g;

/**
 * Random descriptors. Version 29 of Knots writes no origin of an output key (`rawtr`), and of a key that stands twice in
 * a descriptor it takes another origin.
 */
function descriptors(count: number): string[] {
  const { rawtr: _, ...forms } = SOLVABLE;
  return fc.sample(fc.oneof(...Object.values(forms)), { numRuns: count, seed }).filter((text) => {
    const keys = psbtCase(text, 0).watching.publicKeys.map((key) => bytesToHex(key.slice(1, 33)));
    return new Set(keys).size === (text.match(KEY) ?? []).length;
  });
}

/** Version 29 of Knots does not note with which hash type it signs. */
const withoutHashTypes = (psbt: Psbt): Psbt =>
  psbt.inputs.reduce(
    (result, map, index) =>
      result.withInput(
        index,
        map.without(({ type }) => type === PSBT_IN.SIGHASH_TYPE),
      ),
    psbt,
  );

function missingOf(missing: InputAnalysis["missing"]): object {
  if (missing === undefined) return {};
  const { publicKeys, signatures, redeemScript, witnessScript } = missing;
  const list = (name: string, hashes: readonly Uint8Array[]) =>
    hashes.length === 0 ? {} : { [name]: hashes.map(bytesToHex) };
  const one = (name: string, hash: Uint8Array | undefined) =>
    hash === undefined ? {} : { [name]: bytesToHex(hash) };
  return {
    missing: {
      ...list("pubkeys", publicKeys),
      ...list("signatures", signatures),
      ...one("redeemscript", redeemScript),
      ...one("witnessscript", witnessScript),
    },
  };
}

/** As `analyzepsbt` says it. */
function analysisOf(psbt: Psbt): unknown {
  const { inputs, next, fee, estimatedVsize } = analyzePsbt(psbt);
  return {
    inputs: inputs.map(({ hasUtxo, isFinal, next: role, missing }) => ({
      has_utxo: hasUtxo,
      is_final: isFinal,
      next: role,
      ...missingOf(missing),
    })),
    ...(estimatedVsize === undefined ? {} : { estimated_vsize: estimatedVsize }),
    ...(fee === undefined ? {} : { fee: Number(fee) / 1e8 }),
    next,
  };
}

describe.skipIf(version === undefined)(`PSBTs as bitcoind ${version ?? "(missing)"}`, () => {
  test("are filled, signed, analyzed and finalized to the same bytes", async () => {
    const node = await CoreNode.start(daemon);
    let complete = 0;
    for (const [n, text] of descriptors(300).entries()) {
      const index = n * 7;
      const [hashType, name] = HASH_TYPES[n % HASH_TYPES.length] as (typeof HASH_TYPES)[number];
      const { descriptor, funded, watching, signing } = psbtCase(text, index);
      const secret = descriptor.toPrivateString() ?? String(descriptor);
      const told = descriptor.isRange ? [{ desc: secret, range: [index, index] }] : [secret];
      const updated = updatePsbt(funded, { provider: watching });
      const filled = await node.call<string>("utxoupdatepsbt", formatPsbt(funded), told);
      expect({ text, psbt: formatPsbt(updated) }).toEqual({ text, psbt: filled });
      for (const finalize of [false, true]) {
        const options = hashType === undefined ? { finalize } : { finalize, hashType };
        const { psbt } = signPsbt(updated, signing, options);
        const theirs = await node.call<{ psbt: string; complete: boolean }>(
          "descriptorprocesspsbt",
          filled,
          told,
          name,
          true,
          finalize,
        );
        const ours = {
          psbt: formatPsbt(withoutHashTypes(psbt)),
          complete: psbt.inputs.every(isFinalInput),
        };
        expect({ text, ...ours }).toEqual({ text, psbt: theirs.psbt, complete: theirs.complete });
        const { estimated_feerate: _, ...analysis } = await node.call<Record<string, unknown>>(
          "analyzepsbt",
          formatPsbt(psbt),
        );
        expect({ text, analysis: analysisOf(psbt) }).toEqual({ text, analysis });
        const final = await node.call<{ hex?: string }>("finalizepsbt", formatPsbt(psbt));
        const transaction = extractTransaction(psbt);
        expect(transaction && bytesToHex(transaction.toBytes())).toBe(final.hex);
        if (final.hex !== undefined) complete++;
      }
    }
    expect(complete).toBeGreaterThan(100);
  });

  test("are combined and joined alike", async () => {
    const node = await CoreNode.start(daemon);
    const filled = descriptors(60).map((text, n) => {
      const { funded, watching, signing } = psbtCase(text, n);
      return { funded, updated: updatePsbt(funded, { provider: watching }), signing };
    });
    for (const { funded, updated, signing } of filled) {
      const parts = [funded, updated, signPsbt(updated, signing, { finalize: false }).psbt];
      const combined = combinePsbts(parts);
      const theirs = await node.call("combinepsbt", parts.map(formatPsbt));
      expect(combined.ok && formatPsbt(combined.psbt)).toBe(theirs);
    }
    // It shuffles: what can be compared is sorted.
    const sorted = (text: string) => Buffer.from(text, "base64").sort().toString("hex");
    const updated = filled.map((each) => each.updated);
    for (let i = 0; i + 2 < updated.length; i += 3) {
      const parts = updated.slice(i, i + 3);
      const joined = joinPsbts(parts);
      const theirs = await node.call<string>("joinpsbts", parts.map(formatPsbt));
      expect(joined.ok && sorted(formatPsbt(joined.psbt))).toBe(sorted(theirs));
    }
  });

  test("with thousands of mistakes are refused for the same reason, or read the same", async () => {
    const node = await CoreNode.start(daemon);
    const rng = new Rng(seed);
    const originals = descriptors(120).map((text, n) => {
      const { funded, watching, signing } = psbtCase(text, n);
      return encodePsbt(
        signPsbt(updatePsbt(funded, { provider: watching }), signing, { finalize: n % 3 === 0 })
          .psbt,
      );
    });
    let refused = 0;
    const unlike: unknown[] = [];
    for (let n = 0; n < 3000; n++) {
      const text = Buffer.from(damaged(rng, originals[n % originals.length] as Uint8Array));
      const psbt = text.toString("base64");
      const parsed = parsePsbt(psbt);
      const ours = parsed.ok ? formatPsbt(parsed.psbt) : parsed.reason;
      const theirs = await node
        .call<string>("combinepsbt", [psbt])
        .catch((error: Error) => /TX decode failed (.*)"\}$/.exec(error.message)?.[1] ?? "")
        .then((answer) => answer.replace("DataStream::read", "SpanReader::read"));
      if (ours === theirs) refused += parsed.ok ? 0 : 1;
      else if (!EXPLAINED.test(ours) && !theirs.includes("greater than Taproot maximum depth")) {
        unlike.push({ psbt, ours, theirs });
      }
    }
    expect(unlike).toEqual([]);
    expect(refused).toBeGreaterThan(1000);
  });
});

/** Version 29 does not look at the form of signatures, and knows no version 2. Knots allows trees of seven levels. */
const EXPLAINED = /^(Signature is not a valid encoding|Transaction version is missing)/;

/** A byte exchanged, taken away or put in, or the end cut off. */
function damaged(rng: Rng, bytes: Uint8Array): Uint8Array {
  const at = rng.below(bytes.length);
  const byte = rng.below(256);
  switch (rng.below(5)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return Uint8Array.of(...bytes.subarray(0, at), byte, ...bytes.subarray(at));
    case 2:
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1));
    case 3:
      return bytes.with(at, (bytes[at] as number) ^ (1 << (byte & 7)));
    default:
      return bytes.with(at, byte);
  }
}
