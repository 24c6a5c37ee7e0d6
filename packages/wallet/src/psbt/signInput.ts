/** One input of a PSBT: what is known, signed where keys are there, finalized where all is there. Core: SignPSBTInput. */
import {
  bytesToHex,
  concatBytes,
  hexToBytes,
  nobleVerifier,
  outputTemplate,
  SIGHASH_ALL,
  SIGHASH_DEFAULT,
  type SignatureVerifier,
  STANDARD_SCRIPT_FLAGS,
  TransactionSpend,
  type TxOutput,
  transactionChecker,
  verifyScript,
} from "@chain/core";
import type { EcdsaSigner } from "../keys.ts";
import type { SigningProvider } from "../signingProvider.ts";
import { DUMMY_CREATOR, type SignatureCreator, signatureCreator } from "./creator.ts";
import { isFinal } from "./encode.ts";
import { IN, UNTIL_FINAL } from "./fields.ts";
import type { Psbt } from "./psbt.ts";
import type { PsbtMap } from "./psbtMap.ts";
import { Solution, tapSignatureName } from "./solution.ts";
import { solve } from "./solve.ts";
import {
  encodeOrigin,
  encodeOutput,
  encodeStack,
  encodeTaprootKeyUse,
  encodeU32,
} from "./values.ts";
import { psbtInput, spentOutput } from "./view.ts";

const NOTHING = /* @__PURE__ */ new Uint8Array(0);

/** The outcome for an input. */
export type InputOutcome =
  | "complete" // everything that spends it is there
  | "incomplete" // signatures, keys or scripts are missing
  | "missing-coin" // the output that it spends is not known, or not known for certain
  | "sighash-mismatch"; // it asks for another hash type, or has signatures of one

/** All that the inputs of a PSBT spend, read once. Core: PrecomputePSBTData. */
export interface SpentOutputs {
  readonly spend: TransactionSpend;
  readonly known: readonly (TxOutput | undefined)[];
}

export function spentOutputsOf(psbt: Psbt): SpentOutputs {
  const known = psbt.inputs.map((_, index) => spentOutput(psbt, index));
  const outputs = known.map((output) => output ?? { value: -1n, scriptPubKey: NOTHING });
  return { spend: new TransactionSpend(psbt.transaction, outputs), known };
}

/** How an input is signed. */
export interface SignInputOptions {
  readonly provider: SigningProvider;
  /** `dummy`: signatures are pretended, to tell the size of the transaction. */
  readonly mode: "sign" | "dummy" | "update";
  /** The one that is wanted; by default Taproot's own, and all for others. */
  readonly hashType: number | undefined;
  readonly finalize: boolean;
  readonly signer?: EcdsaSigner | undefined;
  readonly verifier?: SignatureVerifier | undefined;
}

export interface SignedInput {
  readonly map: PsbtMap;
  readonly outcome: InputOutcome;
  readonly solution: Solution;
}

/** Whether an input has final scripts, and they do spend its coin. Core: PSBTInputSignedAndVerified. */
export function isVerified(
  map: PsbtMap,
  index: number,
  { spend, known }: SpentOutputs,
  verifier: SignatureVerifier = nobleVerifier,
): boolean {
  const output = known[index];
  if (output === undefined || !isFinal(map)) return false;
  if (isTaproot(output) && known.includes(undefined)) return false;
  const { finalScriptSig = NOTHING, finalWitness = [] } = psbtInput(map);
  const checker = transactionChecker(spend, index, verifier);
  const { scriptPubKey } = output;
  return verifyScript(finalScriptSig, scriptPubKey, finalWitness, STANDARD_SCRIPT_FLAGS, checker)
    .ok;
}

const isTaproot = ({ scriptPubKey }: TxOutput): boolean =>
  outputTemplate(scriptPubKey).type === "witness_v1_taproot";

export function signInput(
  map: PsbtMap,
  index: number,
  spent: SpentOutputs,
  options: SignInputOptions,
): SignedInput {
  const solution = new Solution();
  const unchanged = (outcome: InputOutcome): SignedInput => ({ map, outcome, solution });
  if (isVerified(map, index, spent, options.verifier)) return unchanged("complete");
  fillSolution(solution, map);
  const output = spent.known[index];
  if (output === undefined) return unchanged("missing-coin");

  const taproot = isTaproot(output);
  const hashType = options.hashType ?? (taproot ? SIGHASH_DEFAULT : SIGHASH_ALL);
  const asked = psbtInput(map).sighashType;
  if (asked !== undefined && asked !== hashType) return unchanged("sighash-mismatch");
  if (!signaturesHave(map, hashType)) return unchanged("sighash-mismatch");
  const usual = hashType === SIGHASH_DEFAULT || (!taproot && hashType === SIGHASH_ALL);
  const noted = usual ? map : map.set(IN.SIGHASH_TYPE, NOTHING, encodeU32(hashType));

  const creator = creatorOf(index, spent, hashType, options);
  const complete = solve(output.scriptPubKey, options.provider, creator, solution);
  // A coin without its transaction is only as true as the signature that covers its amount.
  if (map.get(IN.NON_WITNESS_UTXO) === undefined && !solution.witness) {
    return { map: noted, outcome: "incomplete", solution };
  }
  let result = options.finalize && complete ? finalMap(noted, solution) : fillMap(noted, solution);
  if (solution.witness) result = result.set(IN.WITNESS_UTXO, NOTHING, encodeOutput(output));
  return { map: result, outcome: complete ? "complete" : "incomplete", solution };
}

function creatorOf(
  index: number,
  { spend, known }: SpentOutputs,
  hashType: number,
  { mode, signer, verifier }: SignInputOptions,
): SignatureCreator {
  if (mode === "dummy") return DUMMY_CREATOR;
  const allSpentKnown = !known.includes(undefined);
  const creator = signatureCreator({ spend, index, hashType, allSpentKnown, signer, verifier });
  if (mode === "sign") return creator;
  return { checker: creator.checker, ecdsa: () => undefined, schnorr: () => undefined };
}

/** Whether the signatures that are there have this hash type. */
function signaturesHave(map: PsbtMap, hashType: number): boolean {
  const { tapKeySignature, tapScriptSignatures, partialSignatures } = psbtInput(map);
  const schnorr = tapScriptSignatures.map(({ signature }) => signature);
  if (tapKeySignature !== undefined) schnorr.push(tapKeySignature);
  if (hashType === SIGHASH_DEFAULT) return schnorr.every(({ length }) => length === 64);
  return (
    schnorr.every((signature) => signature.length === 65 && signature[64] === hashType) &&
    partialSignatures.every(({ signature }) => signature.at(-1) === hashType)
  );
}

/** Core: PSBTInput::FillSignatureData. */
function fillSolution(solution: Solution, map: PsbtMap): void {
  const input = psbtInput(map);
  if (isFinal(map)) {
    solution.scriptSig = input.finalScriptSig ?? NOTHING;
    solution.stack = input.finalWitness ?? [];
    solution.complete = true;
    return;
  }
  for (const { publicKey, signature } of input.partialSignatures) {
    solution.addSignature(publicKey, signature);
  }
  for (const { publicKey, origin } of input.derivations) solution.addPublicKey(publicKey, origin);
  for (const hash of ["sha256", "hash256", "ripemd160", "hash160"] as const) {
    for (const { hash: bytes, preimage } of input[hash]) {
      solution.preimages.set(`${hash}:${bytesToHex(bytes)}`, preimage);
    }
  }
  solution.redeemScript = input.redeemScript;
  solution.witnessScript = input.witnessScript;
  solution.tapKeySignature = input.tapKeySignature;
  solution.tapInternalKey = input.tapInternalKey;
  solution.tapMerkleRoot = input.tapMerkleRoot;
  solution.tapLeaves.push(...input.tapLeafScripts);
  for (const { publicKey, leafHash, signature } of input.tapScriptSignatures) {
    solution.tapSignatures.set(tapSignatureName(publicKey, leafHash), signature);
  }
  for (const { publicKey, leafHashes, origin } of input.tapDerivations) {
    solution.addTaprootKey(publicKey, origin);
    for (const hash of leafHashes) solution.addTaprootKey(publicKey, origin, hash);
  }
}

/** An input whose scripts are final needs nothing else but its coin. */
function finalMap(map: PsbtMap, { scriptSig, stack }: Solution): PsbtMap {
  let result = map.without(({ type }) => UNTIL_FINAL.has(type));
  if (scriptSig.length > 0) result = result.set(IN.FINAL_SCRIPTSIG, NOTHING, scriptSig);
  if (stack.length > 0) result = result.set(IN.FINAL_SCRIPTWITNESS, NOTHING, encodeStack(stack));
  return result;
}

/** Core: PSBTInput::FromSignatureData. */
function fillMap(map: PsbtMap, solution: Solution): PsbtMap {
  const { redeemScript, witnessScript, tapInternalKey, tapMerkleRoot, tapKeySignature } = solution;
  let result = map;
  const once = (type: number, value: Uint8Array | undefined) => {
    if (value !== undefined && value.length > 0) result = result.add(type, NOTHING, value);
  };
  for (const { publicKey, signature } of solution.signatures.values()) {
    result = result.add(IN.PARTIAL_SIG, publicKey, signature);
  }
  for (const { publicKey, origin } of solution.publicKeys.values()) {
    result = result.add(IN.BIP32_DERIVATION, publicKey, encodeOrigin(origin));
  }
  once(IN.REDEEM_SCRIPT, redeemScript);
  once(IN.WITNESS_SCRIPT, witnessScript);
  once(IN.TAP_KEY_SIG, tapKeySignature);
  once(IN.TAP_INTERNAL_KEY, tapInternalKey);
  once(IN.TAP_MERKLE_ROOT, tapMerkleRoot);
  for (const [name, signature] of solution.tapSignatures) {
    result = result.add(IN.TAP_SCRIPT_SIG, hexToBytes(name), signature);
  }
  for (const { script, leafVersion, controlBlock } of solution.tapLeaves) {
    const value = concatBytes(script, Uint8Array.of(leafVersion));
    result = result.add(IN.TAP_LEAF_SCRIPT, controlBlock, value);
  }
  return addTaprootKeys(result, IN.TAP_BIP32_DERIVATION, solution);
}

/** Keys that the map does not have yet; of those that it has, it keeps what it says. */
export function addTaprootKeys(map: PsbtMap, type: number, solution: Solution): PsbtMap {
  let result = map;
  for (const { publicKey, leafHashes, origin } of solution.tapKeys.values()) {
    const value = encodeTaprootKeyUse({ leafHashes: [...leafHashes.values()], origin });
    result = result.add(type, publicKey, value);
  }
  return result;
}
