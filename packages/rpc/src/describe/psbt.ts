/** PSBTs as Core's RPC shows them. Core: decodepsbt (rpc/rawtransaction.cpp). */
import {
  bytesToHex,
  type ChainParams,
  outputTemplate,
  Reader,
  scriptToAsm,
  type TxOutput,
} from "@chain/core";
import {
  type KeyDerivation,
  type KeyOrigin,
  type Preimage,
  PSBT_IN,
  PSBT_OUT,
  type PsbtInput,
  type PsbtMap,
  psbtInput,
  psbtKeyBytes,
  psbtOutput,
  type TapLeafScript,
  type TaprootDerivation,
} from "@chain/wallet/psbt";
import { coinsNumber } from "../json/number.ts";
import { hashTypeName } from "../methods/hashTypes.ts";
import { describeScript } from "./script.ts";
import { describeTransaction } from "./transaction.ts";

const PROPRIETARY = 0xfc;
const INPUT_TYPES: ReadonlySet<number> = /* @__PURE__ */ new Set(Object.values(PSBT_IN));
const OUTPUT_TYPES: ReadonlySet<number> = /* @__PURE__ */ new Set(Object.values(PSBT_OUT));

/** Nothing where there is nothing. */
function some<Item, Result>(
  items: readonly Item[],
  describe: (items: readonly Item[]) => Result,
): Result | undefined {
  return items.length === 0 ? undefined : describe(items);
}

function present<Value, Result>(
  value: Value | undefined,
  describe: (value: Value) => Result,
): Result | undefined {
  return value === undefined ? undefined : describe(value);
}

export function describeInput(map: PsbtMap, params: ChainParams): object {
  const input = psbtInput(map);
  return withoutUndefined({
    witness_utxo: present(input.witnessUtxo, (output) => describeOutput(output, params)),
    non_witness_utxo: present(input.previousTransaction, (transaction) =>
      describeTransaction(transaction, params, { showsHex: false }),
    ),
    partial_signatures: some(input.partialSignatures, (all) =>
      dictionary(all.map(({ publicKey, signature }) => [publicKey, signature])),
    ),
    // Core looks at one byte.
    sighash: present(input.sighashType, (type) => hashTypeName(type & 0xff)),
    redeem_script: present(input.redeemScript, describeInnerScript),
    witness_script: present(input.witnessScript, describeInnerScript),
    bip32_derivs: some(input.derivations, (all) => all.map(describeDerivation)),
    final_scriptSig: present(input.finalScriptSig, (script) => ({
      asm: scriptToAsm(script, { forDisplay: true, hashTypes: true }),
      hex: bytesToHex(script),
    })),
    final_scriptwitness: some(input.finalWitness ?? [], (all) =>
      all.map((item) => bytesToHex(item)),
    ),
    ripemd160_preimages: some(input.ripemd160, preimages),
    sha256_preimages: some(input.sha256, preimages),
    hash160_preimages: some(input.hash160, preimages),
    hash256_preimages: some(input.hash256, preimages),
    ...describeTaproot(input),
    proprietary: some(map.all(PROPRIETARY), () => proprietaryOf(map)),
    unknown: unknownOf(map, INPUT_TYPES),
  });
}

function describeTaproot(input: PsbtInput): object {
  return {
    taproot_key_path_sig: present(input.tapKeySignature, bytesToHex),
    taproot_script_path_sigs: some(input.tapScriptSignatures, (all) =>
      all.map(({ publicKey, leafHash, signature }) => ({
        pubkey: bytesToHex(publicKey),
        leaf_hash: bytesToHex(leafHash),
        sig: bytesToHex(signature),
      })),
    ),
    taproot_scripts: some(input.tapLeafScripts, describeLeaves),
    taproot_bip32_derivs: some(input.tapDerivations, (all) => all.map(describeTapDerivation)),
    taproot_internal_key: present(input.tapInternalKey, bytesToHex),
    taproot_merkle_root: present(input.tapMerkleRoot, bytesToHex),
  };
}

/** Each script once, with all its places in trees. */
function describeLeaves(all: readonly TapLeafScript[]): readonly object[] {
  const leaves = new Map<string, { script: string; leaf_ver: number; control_blocks: string[] }>();
  for (const { script, leafVersion, controlBlock } of all) {
    const text = bytesToHex(script);
    const name = `${text} ${leafVersion}`;
    const leaf = leaves.get(name) ?? { script: text, leaf_ver: leafVersion, control_blocks: [] };
    leaf.control_blocks.push(bytesToHex(controlBlock));
    leaves.set(name, leaf);
  }
  return [...leaves.values()];
}

export function describeOutputMap(map: PsbtMap): object {
  const output = psbtOutput(map);
  return withoutUndefined({
    redeem_script: present(output.redeemScript, describeInnerScript),
    witness_script: present(output.witnessScript, describeInnerScript),
    bip32_derivs: some(output.derivations, (all) => all.map(describeDerivation)),
    taproot_internal_key: present(output.tapInternalKey, bytesToHex),
    taproot_tree: some(output.tapTree, (all) =>
      all.map(({ depth, leafVersion, script }) => ({
        depth,
        leaf_ver: leafVersion,
        script: bytesToHex(script),
      })),
    ),
    taproot_bip32_derivs: some(output.tapDerivations, (all) => all.map(describeTapDerivation)),
    proprietary: some(map.all(PROPRIETARY), () => proprietaryOf(map)),
    unknown: unknownOf(map, OUTPUT_TYPES),
  });
}

function describeOutput({ value, scriptPubKey }: TxOutput, params: ChainParams): object {
  return { amount: coinsNumber(value), scriptPubKey: describeScript(scriptPubKey, params) };
}

function describeInnerScript(script: Uint8Array): object {
  return {
    asm: scriptToAsm(script, { forDisplay: true }),
    hex: bytesToHex(script),
    type: outputTemplate(script).type,
  };
}

function describeDerivation({ publicKey, origin }: KeyDerivation): object {
  return { pubkey: bytesToHex(publicKey), ...describeOrigin(origin) };
}

function describeTapDerivation({ publicKey, origin, leafHashes }: TaprootDerivation): object {
  return {
    pubkey: bytesToHex(publicKey),
    ...describeOrigin(origin),
    leaf_hashes: leafHashes.map((hash) => bytesToHex(hash)),
  };
}

/** Core: WriteHDKeypath. */
export function describeOrigin({ fingerprint, path }: KeyOrigin): {
  readonly master_fingerprint: string;
  readonly path: string;
} {
  const steps = path.map((step) => (step >= 2 ** 31 ? `/${step - 2 ** 31}h` : `/${step}`));
  return { master_fingerprint: bytesToHex(fingerprint), path: `m${steps.join("")}` };
}

function preimages(all: readonly Preimage[]): Record<string, string> {
  return dictionary(all.map(({ hash, preimage }) => [hash, preimage]));
}

function dictionary(
  entries: readonly (readonly [Uint8Array, Uint8Array])[],
): Record<string, string> {
  return Object.fromEntries(entries.map(([key, value]) => [bytesToHex(key), bytesToHex(value)]));
}

/** Records of others' formats. Core: PSBTProprietary. */
export function proprietaryOf(map: PsbtMap): readonly {
  readonly identifier: string;
  readonly subtype: number;
  readonly key: string;
  readonly value: string;
}[] {
  return map.all(PROPRIETARY).map(({ keyData, value }) => {
    const reader = new Reader(keyData);
    const identifier = bytesToHex(reader.varBytes());
    const subtype = reader.compactSize();
    const key = `${PROPRIETARY.toString(16)}${bytesToHex(keyData)}`;
    return { identifier, subtype, key, value: bytesToHex(value) };
  });
}

/** The records of types that are not known, by their keys. */
export function unknownOf(
  map: PsbtMap,
  known: ReadonlySet<number>,
): Record<string, string> | undefined {
  const unknown = map.records.filter(({ type }) => !known.has(type));
  return some(unknown, (all) =>
    dictionary(all.map((record) => [psbtKeyBytes(record), record.value])),
  );
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
