/** PSBTs that a wallet fills and signs. Core: CWallet::FillPSBT. */
import {
  hash160,
  p2pkhScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  type TransactionFields,
} from "@chain/core";
import { taprootOutput } from "@chain/wallet/descriptors";
import type { WalletLedger } from "@chain/wallet/ledger";
import {
  createPsbt,
  isFinalInput,
  type Psbt,
  psbtInput,
  SigningProvider,
  signPsbt,
  spentOutput,
  updatePsbt,
} from "@chain/wallet/psbt";
import { RPC_DESERIALIZATION_ERROR, RpcError } from "../../errors.ts";
import { withoutNewOrigins } from "../../methods/psbts.ts";

export interface FillOptions {
  readonly sign: boolean;
  /** Whether origins of keys are added. Default: yes. */
  readonly bip32derivs?: boolean;
  readonly hashType?: number | undefined;
  /** Whether inputs that are complete get their final scripts. Default: yes. */
  readonly finalize?: boolean;
}

/** @throws RpcError -22 where an input asks for another hash type */
export function fillPsbt(
  ledger: WalletLedger,
  given: Psbt,
  { sign, bip32derivs = true, hashType, finalize = true }: FillOptions,
): { readonly psbt: Psbt; readonly complete: boolean } {
  const transactions = (txid: Parameters<WalletLedger["transaction"]>[0]) =>
    ledger.transaction(txid)?.transaction;
  // Previous transactions first: they tell which scripts are spent.
  const known = updatePsbt(given, { transactions });
  const scripts = ownScripts(ledger, known);
  const updated = updatePsbt(known, { provider: ledger.provider(scripts, false) });
  const keys = sign ? ledger.provider(scripts, true) : new SigningProvider();
  const options = hashType === undefined ? { finalize } : { finalize, hashType };
  const processed = signPsbt(updated, keys, options);
  if (sign && processed.outcomes.includes("sighash-mismatch")) {
    const message = "Specified sighash value does not match value stored in PSBT";
    throw new RpcError(RPC_DESERIALIZATION_ERROR, message);
  }
  const psbt = sign ? processed.psbt : updated;
  const complete = processed.complete && psbt.inputs.every((input) => isFinalInput(input));
  return { psbt: bip32derivs ? psbt : withoutNewOrigins(psbt, given), complete };
}

/** The PSBT of a transaction without signatures. */
export function blankPsbt(transaction: TransactionFields): Psbt {
  const created = createPsbt(transaction, { dropSignatures: true });
  if (created.ok) return created.psbt;
  throw new RpcError(RPC_DESERIALIZATION_ERROR, created.reason);
}

/** The wallet's scripts that a PSBT spends or pays, and those of its keys that others' scripts hold. */
function ownScripts(ledger: WalletLedger, psbt: Psbt): readonly Uint8Array[] {
  const scripts = psbt.transaction.outputs.map(({ scriptPubKey }) => scriptPubKey);
  for (const [index, map] of psbt.inputs.entries()) {
    const spent = spentOutput(psbt, index);
    if (spent !== undefined) scripts.push(spent.scriptPubKey);
    const { derivations, tapDerivations } = psbtInput(map);
    for (const { publicKey } of derivations) scripts.push(...scriptsOfKey(publicKey));
    for (const { publicKey: x32 } of tapDerivations) {
      for (const parity of [2, 3]) scripts.push(...scriptsOfKey(Uint8Array.of(parity, ...x32)));
    }
  }
  return scripts.filter((script) => ledger.ownerOf(script) !== undefined);
}

/** The outputs that a key may have in a wallet, by which the wallet finds it. */
function scriptsOfKey(publicKey: Uint8Array): readonly Uint8Array[] {
  const hash = hash160(publicKey);
  const witness = p2wpkhScript(hash);
  const taproot = publicKey.length === 33 ? taprootOutput(publicKey.subarray(1), []) : undefined;
  return [
    p2pkhScript(hash),
    witness,
    p2shScript(hash160(witness)),
    ...(taproot === undefined ? [] : [p2trScript(taproot.outputKey)]),
  ];
}
