import {
  hexToBytes,
  NULL_OUTPOINT,
  nobleVerifier,
  ScriptFlag,
  type ScriptFlags,
  SEQUENCE_FINAL,
  type SignatureVerifier,
  Transaction,
  TransactionSpend,
  type TxOutput,
  transactionChecker,
  verifyScript,
} from "@chain/core";

/** Flags as Core's vectors write them. */
export function flagsOf(names: string): ScriptFlags {
  let flags = 0;
  for (const name of names.split(",")) {
    if (name === "" || name === "NONE") continue;
    if (!(name in ScriptFlag)) throw new TypeError(`unknown flag ${name}`);
    flags |= ScriptFlag[name as keyof typeof ScriptFlag];
  }
  return flags;
}

/** Core's script_tests.cpp: a transaction that makes an output, and one that spends it. */
export function spending(
  scriptSig: Uint8Array,
  output: TxOutput,
  witness: readonly Uint8Array[] = [],
): Transaction {
  const credit = new Transaction({
    version: 1,
    inputs: [
      {
        prevout: NULL_OUTPOINT,
        scriptSig: Uint8Array.of(0, 0),
        sequence: SEQUENCE_FINAL,
        witness: [],
      },
    ],
    outputs: [output],
    lockTime: 0,
  });
  const prevout = { txid: credit.txid, vout: 0 };
  return new Transaction({
    version: 1,
    inputs: [{ prevout, scriptSig, sequence: SEQUENCE_FINAL, witness }],
    outputs: [{ value: output.value, scriptPubKey: new Uint8Array(0) }],
    lockTime: 0,
  });
}

/** `OK` or the name of the script error of one input. */
export function spendOutcome(
  transaction: Transaction,
  spentOutputs: readonly TxOutput[],
  inputIndex: number,
  flags: ScriptFlags,
  verifier: SignatureVerifier = nobleVerifier,
): string {
  const input = transaction.inputs[inputIndex]!;
  const checker = transactionChecker(
    new TransactionSpend(transaction, spentOutputs),
    inputIndex,
    verifier,
  );
  const { scriptPubKey } = spentOutputs[inputIndex]!;
  const result = verifyScript(input.scriptSig, scriptPubKey, input.witness, flags, checker);
  return result.ok ? "OK" : result.error;
}

/** Remembers answers, so that one signature under many flags costs once. */
export function rememberingVerifier(base: SignatureVerifier = nobleVerifier): SignatureVerifier {
  const known = new Map<string, boolean>();
  const remember =
    <Args extends readonly (Uint8Array | number)[]>(check: (...args: Args) => boolean) =>
    (...args: Args): boolean => {
      const key = args.map(String).join("|");
      const answer = known.get(key) ?? check(...args);
      known.set(key, answer);
      return answer;
    };
  return {
    name: `${base.name}, remembering`,
    verifyEcdsa: remember(base.verifyEcdsa),
    verifySchnorr: remember(base.verifySchnorr),
    checkTaprootTweak: remember(base.checkTaprootTweak),
  };
}

/** Of a witness in hex. */
export function witnessOf(items: readonly string[]): readonly Uint8Array[] {
  return items.map(hexToBytes);
}
