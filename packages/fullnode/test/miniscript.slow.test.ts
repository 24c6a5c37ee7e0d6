/** Miniscript as Bitcoin Core's family reads it: reasons, texts, scripts, and what spends them. */
import { bytesToHex, hash160, regtest, ripemd160, sha256, sha256d } from "@chain/core";
import {
  leafMiniscript,
  OTHER_KEY,
  PREIMAGES,
  secretLeafMiniscript,
  secretWitnessMiniscript,
  witnessMiniscript,
} from "@chain/testing/miniscriptTexts";
import { psbtCase } from "@chain/testing/psbtCases";
import { inferDescriptor, parseDescriptor, SigningProvider } from "@chain/wallet/descriptors";
import {
  extractTransaction,
  formatPsbt,
  PSBT_IN,
  type Psbt,
  signPsbt,
  updatePsbt,
} from "@chain/wallet/psbt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const daemon: Daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const sample = (arbitrary: fc.Arbitrary<string>, numRuns: number): string[] =>
  fc.sample(arbitrary, { numRuns, seed: 11 });

async function ask(node: CoreNode, method: string, ...params: unknown[]): Promise<unknown> {
  try {
    return await node.call(method, ...params);
  } catch (error) {
    const message = (error as Error).message.slice(`${method}: `.length);
    return (JSON.parse(message) as { message: string }).message;
  }
}

/** With the preimages that scripts ask for. */
function withPreimages(psbt: Psbt): Psbt {
  let result = psbt;
  psbt.inputs.forEach((map, index) => {
    let filled = map;
    for (const preimage of PREIMAGES) {
      filled = filled
        .set(PSBT_IN.SHA256, sha256(preimage), preimage)
        .set(PSBT_IN.HASH256, sha256d(preimage), preimage)
        .set(PSBT_IN.HASH160, hash160(preimage), preimage)
        .set(PSBT_IN.RIPEMD160, ripemd160(preimage), preimage);
    }
    result = result.withInput(index, filled);
  });
  return result;
}

describe.skipIf(version === undefined)(`miniscript as bitcoind ${version ?? "(missing)"}`, () => {
  test.each([
    ["wsh", witnessMiniscript, (expression: string) => `wsh(${expression})`],
    ["tr", leafMiniscript, (expression: string) => `tr(${OTHER_KEY},${expression})`],
  ])(
    "in %s(): the same text or the same reason, and the same address",
    async (_, texts, inside) => {
      const node = await CoreNode.start(daemon);
      let taken = 0;
      for (const expression of sample(texts, 900)) {
        const text = inside(expression);
        const parsed = parseDescriptor(text, regtest);
        const theirs = await ask(node, "getdescriptorinfo", text);
        // A rule of Knots' own.
        if (typeof theirs === "string" && theirs.includes("reduced-data")) continue;
        const ours = parsed.ok ? String(parsed.descriptor) : parsed.reason;
        const said =
          typeof theirs === "string" ? theirs : (theirs as { descriptor: string }).descriptor;
        expect({ text, said: ours }).toEqual({ text, said });
        if (!parsed.ok) continue;
        taken++;
        const addresses = parsed.descriptor.addresses(0);
        expect(addresses.ok && addresses.addresses).toEqual(
          await ask(node, "deriveaddresses", String(parsed.descriptor)),
        );
      }
      expect(taken).toBeGreaterThan(30);
    },
  );

  test("the same descriptor of a witness script, and none where there is none", async () => {
    const node = await CoreNode.start(daemon);
    let named = 0;
    for (const expression of sample(witnessMiniscript, 400)) {
      const parsed = parseDescriptor(`wsh(${expression})`, regtest);
      if (!parsed.ok) continue;
      const { provider, scripts } = parsed.descriptor.expand(0) ?? expect.fail("not expanded");
      const script = provider.script(ripemd160((scripts[0] as Uint8Array).subarray(2)));
      const hex = bytesToHex(script as Uint8Array);
      const { segwit } = await node.call<{ segwit?: { desc: string } }>("decodescript", hex);
      // Keys that hashes hide; and of a key alone it tells the address of its hash.
      if (segwit === undefined || /pkh|pk_h|^pk\(|^c:pk_k\(/.test(expression)) continue;
      const known = new SigningProvider();
      known.addScript(script as Uint8Array);
      expect(segwit.desc).toBe(String(inferDescriptor(scripts[0] as Uint8Array, regtest, known)));
      named++;
    }
    expect(named).toBeGreaterThan(10);
  });

  test("what spends it is the same, with all keys and preimages", async () => {
    const node = await CoreNode.start(daemon);
    const texts = [
      ...sample(secretWitnessMiniscript, 350).map((expression) => `wsh(${expression})`),
      ...sample(secretLeafMiniscript, 350).map((expression) => `tr(${OTHER_KEY},${expression})`),
    ];
    let spent = 0;
    for (const text of texts) {
      if (!parseDescriptor(text, regtest).ok) continue;
      const { funded, signing, watching, descriptor } = psbtCase(text, 0, 1, {
        sequence: 100,
        lockTime: 100,
      });
      const updated = updatePsbt(withPreimages(funded), { provider: watching });
      const { psbt } = signPsbt(updated, signing);
      const theirs = await ask(
        node,
        "descriptorprocesspsbt",
        formatPsbt(updated),
        [descriptor.toPrivateString()],
        "DEFAULT",
      );
      if (typeof theirs === "string" && theirs.includes("reduced-data")) continue;
      expect({ text, psbt: formatPsbt(psbt) }).toEqual({
        text,
        psbt: (theirs as { psbt: string }).psbt,
      });
      if (extractTransaction(psbt) !== undefined) spent++;
    }
    expect(spent).toBeGreaterThan(40);
  });
});
