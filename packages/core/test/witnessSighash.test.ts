/** The examples of BIP-0143. */
import {
  bytesToHex,
  hash160,
  hexToBytes,
  NULL_OUTPOINT,
  nobleVerifier,
  p2pkhScript,
  runScriptCheck,
  SEQUENCE_FINAL,
  STANDARD_SCRIPT_FLAGS,
  scriptChecks,
  Transaction,
  TransactionSpend,
  type TxInput,
  type TxOutput,
  witnessSighash,
} from "@chain/core";
import { describe, expect, test } from "vitest";

const NO_INPUT: TxInput = {
  prevout: NULL_OUTPOINT,
  scriptSig: new Uint8Array(0),
  sequence: SEQUENCE_FINAL,
  witness: [],
};

const output = (value: bigint, scriptPubKey: string): TxOutput => ({
  value,
  scriptPubKey: hexToBytes(scriptPubKey),
});

function hashOf(
  hex: string,
  spent: readonly TxOutput[],
  index: number,
  scriptCode: Uint8Array,
  hashType: number,
): string {
  const spend = new TransactionSpend(Transaction.fromHex(hex), spent);
  return bytesToHex(witnessSighash(spend, index, scriptCode, hashType));
}

function spendable(hex: string, spent: readonly TxOutput[]): boolean {
  const checks = scriptChecks(Transaction.fromHex(hex), spent, STANDARD_SCRIPT_FLAGS);
  return checks.every((check) => runScriptCheck(check, nobleVerifier).ok);
}

describe("BIP-0143", () => {
  test("native P2WPKH", () => {
    const unsigned =
      "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000";
    const signed =
      "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000";
    const spent = [
      output(
        6_2500_0000n,
        "2103c9f4836b9a4f77fc0d81f7bcb01b7f1b35916864b9476c241ce9fc198bd25432ac",
      ),
      output(6_0000_0000n, "00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1"),
    ];
    const keyHash = hash160(
      hexToBytes("025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357"),
    );
    expect(hashOf(unsigned, spent, 1, p2pkhScript(keyHash), 1)).toBe(
      "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670",
    );
    expect(spendable(signed, spent)).toBe(true);
    // The amount is signed, so that a signer who is lied to about it can't lose the difference.
    expect(spendable(signed, [spent[0]!, { ...spent[1]!, value: 6_0000_0001n }])).toBe(false);
  });

  test("P2WPKH in P2SH", () => {
    const signed =
      "01000000000101db6b1b20aa0fd7b23880be2ecbd4a98130974cf4748fb66092ac4d3ceb1a5477010000001716001479091972186c449eb1ded22b78e40d009bdf0089feffffff02b8b4eb0b000000001976a914a457b684d7f0d539a46a45bbc043f35b59d0d96388ac0008af2f000000001976a914fd270b1ee6abcaea97fea7ad0402e8bd8ad6d77c88ac02473044022047ac8e878352d3ebbde1c94ce3a10d057c24175747116f8288e5d794d12d482f0220217f36a485cae903c713331d877c1f64677e3622ad4010726870540656fe9dcb012103ad1d8e89212f0b92c74d23bb710c00662ad1470198ac48c43f7d6f93a2a2687392040000";
    const spent = [output(10_0000_0000n, "a9144733f37cf4db86fbc2efed2500b4f4e49f31202387")];
    const code = p2pkhScript(hexToBytes("79091972186c449eb1ded22b78e40d009bdf0089"));
    expect(hashOf(signed, spent, 0, code, 1)).toBe(
      "64f3b0f4dd2bb3aa1ce8566d220cc74dda9df97d8490cc81d89d735c92e59fb6",
    );
    expect(spendable(signed, spent)).toBe(true);
  });

  test("native P2WSH: OP_CODESEPARATOR, and SIGHASH_SINGLE without an output", () => {
    const unsigned =
      "0100000002fe3dc9208094f3ffd12645477b3dc56f60ec4fa8e6f5d67c565d1c6b9216b36e0000000000ffffffff0815cf020f013ed6cf91d29f4202e8a58726b1ac6c79da47c23d1bee0a6925f80000000000ffffffff0100f2052a010000001976a914a30741f8145e5acadf23f751864167f32e0963f788ac00000000";
    const spent = [
      output(
        1_5625_0000n,
        "21036d5c20fa14fb2f635474c1dc4ef5909d4568e5569b79fc94d3448486e14685f8ac",
      ),
      output(49_0000_0000n, "00205d1b56b63d714eebe542309525f484b7e9d6f686b3781b6f61ef925d66d6f6a0"),
    ];
    const script = hexToBytes(
      "21026dccc749adc2a9d0d89497ac511f760f45c47dc5ed9cf352a58ac706453880aeadab210255a9626aebf5e29c0e6538428ba0d1dcf6ca98ffdf086aa8ced5e0d0215ea465ac",
    );
    expect(hashOf(unsigned, spent, 1, script, 3)).toBe(
      "82dde6e4f1e94d02c2b7ad03d2115d691f48d064e9d52f58194a6637e4194391",
    );
    expect(hashOf(unsigned, spent, 1, script.subarray(36), 3)).toBe(
      "fef7bd749cce710c5c052bd796df1af0d935e59cea63736268bcbe2d2134fc47",
    );
  });

  test("an input that is not there, or whose output is not known, is misuse", () => {
    const transaction = new Transaction({
      version: 1,
      inputs: [NO_INPUT],
      outputs: [],
      lockTime: 0,
    });
    const spent = [output(1n, "")];
    const sighash =
      (outputs: readonly TxOutput[], index: number): (() => unknown) =>
      () =>
        witnessSighash(new TransactionSpend(transaction, outputs), index, new Uint8Array(0), 1);
    expect(sighash(spent, 0)).not.toThrow();
    expect(sighash([], 0)).toThrow("no input 0");
    expect(sighash([...spent, ...spent], 1)).toThrow("no input 1");
  });
});
