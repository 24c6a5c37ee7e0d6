/** Messages, multisig addresses and raw transactions as Bitcoin Core's family signs and makes them. */
import { bytesToHex, hash160, regtest, ripemd160, sha256 } from "@chain/core";
import { psbtCase } from "@chain/testing/psbtCases";
import { encodeAddress, PrivateKey, toWif } from "@chain/wallet";
import { createMultisig, type SigningProvider } from "@chain/wallet/descriptors";
import { signMessage, verifyMessage } from "@chain/wallet/message";
import { type Psbt, signRawTransaction, spentOutput } from "@chain/wallet/psbt";
import { describe, expect, test } from "vitest";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const daemon: Daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);

const keyNumber = (n: number, compressed = true): PrivateKey =>
  new PrivateKey(sha256(Uint8Array.of(n, 99)), { compressed });
const MESSAGES = ["", "hello", "naïve ☃ 😀", "x".repeat(300), "line\nline", "\u0000"];

describe.skipIf(version === undefined)(`signing as bitcoind ${version ?? "(missing)"}`, () => {
  test("messages: the same text, and the same verdict on damaged ones", async () => {
    const node = await CoreNode.start(daemon);
    for (let n = 0; n < 60; n++) {
      const key = keyNumber(n, n % 2 === 0);
      const message = MESSAGES[n % MESSAGES.length] as string;
      const ours = signMessage(message, key);
      expect(ours).toBe(await node.call("signmessagewithprivkey", toWif(key, regtest), message));
      const address = encodeAddress({ type: "p2pkh", hash: hash160(key.publicKey) }, regtest);
      const bytes = Buffer.from(ours, "base64");
      const at = (n * 7) % 65;
      const damaged = Buffer.from(bytes.with(at, (bytes[at] as number) ^ (1 << (n & 7))));
      for (const signature of [ours, damaged.toString("base64")]) {
        const verdict = verifyMessage(address, signature, message, regtest);
        const theirs = await node.call("verifymessage", address, signature, message);
        expect({ at, n, valid: verdict.ok && verdict.valid }).toEqual({ at, n, valid: theirs });
      }
    }
  });

  test("multisig: the same address, script and descriptor", async () => {
    const node = await CoreNode.start(daemon);
    for (const type of ["legacy", "p2sh-segwit", "bech32"] as const) {
      for (const [required, count] of [
        [1, 1],
        [2, 3],
        [15, 15],
        [16, 16],
        [20, 20],
        [1, 21],
        [3, 2],
      ] as const) {
        for (const mixed of [false, true]) {
          const keys = Array.from(
            { length: count },
            (_, n) => keyNumber(n, !mixed || n > 0).publicKey,
          );
          const ours = createMultisig(required, keys, type, regtest);
          const theirs = await node
            .call<Record<string, unknown>>("createmultisig", required, keys.map(bytesToHex), type)
            .catch((error: Error) => JSON.parse(error.message.slice("createmultisig: ".length)));
          const { ok: _, ...fields } = ours;
          expect(
            ours.ok
              ? { ...fields, redeemScript: bytesToHex(ours.redeemScript) }
              : { reason: ours.reason },
          ).toEqual(
            ours.ok
              ? { warnings: [], ...theirs }
              : { reason: (theirs as { message: string }).message },
          );
        }
      }
    }
  });

  test("raw transactions: the same bytes, with all keys and with one", async () => {
    const node = await CoreNode.start(daemon);
    const [a, b, c] = [1, 2, 3].map((n) => toWif(keyNumber(n), regtest)) as [
      string,
      string,
      string,
    ];
    const forms = [
      `pk(${a})`,
      `pkh(${a})`,
      `multi(2,${a},${b})`,
      `sh(multi(2,${a},${b},${c}))`,
      `sh(wpkh(${a}))`,
      `sh(wsh(multi(2,${a},${b})))`,
      `wpkh(${a})`,
      `wsh(multi(2,${a},${b}))`,
      `wsh(pkh(${a}))`,
      `rawtr(${a})`,
    ];
    for (const text of forms) {
      const { funded, signing, watching } = psbtCase(text, 0, 2);
      const coins = funded.inputs.map((_, i) => spentOutput(funded, i));
      for (const wifs of [[a, b, c], [a]]) {
        const provider = wifs.length === 1 ? psbtCase(`combo(${a})`, 0).signing : signing;
        if (wifs.length === 1) provider.merge(watching);
        const ours = signRawTransaction(funded.transaction, coins, provider);
        const theirs = await node.call<{ hex: string; complete: boolean }>(
          "signrawtransactionwithkey",
          bytesToHex(funded.transaction.toBytes()),
          wifs,
          previousOutputs(funded, watching),
        );
        expect({ text, hex: bytesToHex(ours.transaction.toBytes()) }).toEqual({
          text,
          hex: theirs.hex,
        });
        expect(ours.complete).toBe(theirs.complete);
      }
    }
  });
});

/** As the call wants them: with the scripts that hashes stand for. */
function previousOutputs(psbt: Psbt, provider: SigningProvider): object[] {
  return psbt.transaction.inputs.map(({ prevout }, i) => {
    const coin = spentOutput(psbt, i);
    const script = coin?.scriptPubKey ?? new Uint8Array(0);
    const redeemScript = provider.script(script.subarray(2, 22));
    const inner = redeemScript ?? script;
    const witnessScript =
      inner.length === 34 && inner[0] === 0
        ? provider.script(ripemd160(inner.subarray(2)))
        : undefined;
    return {
      txid: prevout.txid,
      vout: prevout.vout,
      scriptPubKey: bytesToHex(script),
      amount: Number(coin?.value ?? 0n) / 1e8,
      ...(redeemScript === undefined ? {} : { redeemScript: bytesToHex(redeemScript) }),
      ...(witnessScript === undefined ? {} : { witnessScript: bytesToHex(witnessScript) }),
    };
  });
}
