/** Several PSBTs to one, and one version to the other. */

import { outpointKey, Transaction, type TxInput, type TxOutput } from "@chain/core";
import { present, requireArray, requireFunction } from "@chain/core/arguments";
import { type Refused, refused } from "../errors.ts";
import { GLOBAL, IN } from "./fields.ts";
import { Psbt, type PsbtVersion, requirePsbt, requirePsbtVersion } from "./psbt.ts";
import { PsbtMap } from "./psbtMap.ts";
import { encodeU32 } from "./values.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

export type CombinedPsbt =
  | { readonly ok: true; readonly psbt: Psbt }
  | Refused<"none" | "different" | "too-few" | "same-input">;

/**
 * The role of the combiner: all that several PSBTs of one transaction know. Of two records with the same key, that of
 * the first PSBT is kept. Reasons are Core's. Core: CombinePSBTs.
 * @example
 * const combined = combinePsbts([fromAlice.psbt, fromBob.psbt]);
 * combined.ok && finalizePsbt(combined.psbt).complete // true
 */
export function combinePsbts(psbts: readonly Psbt[]): CombinedPsbt {
  requireArray(psbts, "psbts", requirePsbt);
  const [first, ...rest] = psbts;
  if (first === undefined) return refused("none", "Parameter 'txs' cannot be empty");
  let combined = first;
  for (const other of rest) {
    if (other.transaction.txid !== first.transaction.txid) {
      return refused("different", "PSBTs not compatible (different transactions)");
    }
    combined = new Psbt({
      ...fieldsOf(combined),
      global: combined.global.union(other.global),
      inputs: combined.inputs.map((map, i) =>
        map.union(present(other.inputs[i], "other.inputs[i]")),
      ),
      outputs: combined.outputs.map((map, i) =>
        map.union(present(other.outputs[i], "other.outputs[i]")),
      ),
    });
  }
  return { ok: true, psbt: combined };
}

function fieldsOf({ version, transaction, global, inputs, outputs }: Psbt) {
  return { version, transaction, global, inputs, outputs };
}

/** Brings a list into an order by chance. */
export type Shuffle = <T>(list: readonly T[]) => readonly T[];

/**
 * Puts inputs and outputs of several PSBTs into one: the highest version, the lowest lock time, no signatures, which
 * were for other transactions. Reasons are Core's. Core: joinpsbts.
 * @param shuffle hides which inputs and outputs came together; by default they stay in their order
 * @example
 * const inputs = [{ ...transaction.inputs[0], prevout: { txid: transaction.txid, vout: 1 } }];
 * const second = createPsbt(new Transaction({ ...transaction, inputs }));
 * const joined = second.ok && joinPsbts([psbt, second.psbt]);
 * joined.ok && joined.psbt.inputs.length // 2
 */
export function joinPsbts(psbts: readonly Psbt[], shuffle: Shuffle = (list) => list): CombinedPsbt {
  requireArray(psbts, "psbts", requirePsbt);
  requireFunction(shuffle, "shuffle");
  const [first] = psbts;
  if (first === undefined || psbts.length < 2) {
    return refused("too-few", "At least two PSBTs are required to join PSBTs.");
  }
  const inputs: { readonly input: TxInput; readonly map: PsbtMap }[] = [];
  const outputs: { readonly output: TxOutput; readonly map: PsbtMap }[] = [];
  const met = new Set<string>();
  let global = new PsbtMap();
  for (const psbt of psbts) {
    const { transaction } = psbt;
    for (const [i, input] of transaction.inputs.entries()) {
      // Core compares the sequences of inputs as well.
      const name = `${outpointKey(input.prevout)} ${input.sequence}`;
      if (met.has(name)) {
        const { txid, vout } = input.prevout;
        return refused("same-input", `Input ${txid}:${vout} exists in multiple PSBTs`);
      }
      met.add(name);
      inputs.push({ input, map: present(psbt.inputs[i], "psbt.inputs[i]").without(isSignature) });
    }
    transaction.outputs.forEach((output, i) => {
      outputs.push({ output, map: present(psbt.outputs[i], "psbt.outputs[i]") });
    });
    global = global.union(psbt.global);
  }
  const [spends, pays] = [shuffle(inputs), shuffle(outputs)];
  const transactions = psbts.map(({ transaction }) => transaction);
  const transaction = new Transaction({
    version: transactions.reduce((most, { version }) => Math.max(most, version), 1),
    lockTime: transactions.reduce((least, { lockTime }) => Math.min(least, lockTime), 0xffff_ffff),
    inputs: spends.map(({ input }) => input),
    outputs: pays.map(({ output }) => output),
  });
  const { version } = first;
  return {
    ok: true,
    psbt: new Psbt({
      version,
      transaction,
      global: version === 0 ? global : withLockTime(global, transaction.lockTime),
      inputs: spends.map(({ map }) => map),
      outputs: pays.map(({ map }) => map),
    }),
  };
}

const SIGNATURES: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([IN.PARTIAL_SIG, IN.FINAL_SCRIPTSIG, IN.FINAL_SCRIPTWITNESS]))();
const isSignature = ({ type }: { readonly type: number }): boolean => SIGNATURES.has(type);

/** Records of version 2 that version 0 does not have. */
const ONLY_V2: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([GLOBAL.FALLBACK_LOCKTIME, GLOBAL.TX_MODIFIABLE]))();
const ONLY_V2_INPUT: ReadonlySet<number> = /* @__PURE__ */ (() =>
  new Set([IN.REQUIRED_TIME_LOCKTIME, IN.REQUIRED_HEIGHT_LOCKTIME]))();

/**
 * The same PSBT in another version. To version 0 loses which lock times inputs need and what may be changed; the
 * transaction is the same. Source: BIP-0370.
 * @example toPsbtVersion(psbt, 2).version // 2
 */
export function toPsbtVersion(psbt: Psbt, version: PsbtVersion): Psbt {
  requirePsbt(psbt, "psbt");
  requirePsbtVersion(version, "version");
  if (psbt.version === version) return psbt;
  const { global, inputs, transaction } = psbt;
  if (version === 2) {
    return new Psbt({
      ...fieldsOf(psbt),
      version,
      global: withLockTime(global, transaction.lockTime),
    });
  }
  return new Psbt({
    ...fieldsOf(psbt),
    version,
    global: global.without(({ type }) => ONLY_V2.has(type)),
    inputs: inputs.map((map) => map.without(({ type }) => ONLY_V2_INPUT.has(type))),
  });
}

function withLockTime(global: PsbtMap, lockTime: number): PsbtMap {
  return global.set(GLOBAL.FALLBACK_LOCKTIME, NOTHING, encodeU32(lockTime));
}
