import { bytesToHex, hash160, hexToBytes, multisigScript, p2pkhScript, regtest } from "@chain/core";
import { SOLVABLE } from "@chain/testing/descriptorTexts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../src/descriptor/descriptor.ts";
import { inferDescriptor } from "../../src/descriptor/infer.ts";
import { SigningProvider } from "../../src/signingProvider.ts";

const inferred = (script: Uint8Array, provider?: SigningProvider): string =>
  inferDescriptor(script, regtest, provider).toString().split("#")[0] as string;

function expanded(text: string, index = 0) {
  const parsed = parseDescriptor(text, regtest);
  const expansion = parsed.ok ? parsed.descriptor.expand(index) : undefined;
  return expansion ?? expect.fail(`not expanded: ${text}`);
}

const KEY = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const HYBRID = `06${KEY.slice(2)}483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8`;

describe("the descriptor of a script", () => {
  test("means the same script, and says all that is known of it", () => {
    fc.assert(
      fc.property(
        fc.oneof(...Object.values(SOLVABLE)),
        fc.nat({ max: 0x7fff_ffff }),
        (text, index) => {
          const { scripts, provider } = expanded(text, index);
          for (const script of scripts) {
            const descriptor = inferDescriptor(script, regtest, provider);
            const again = parseDescriptor(descriptor.toString(), regtest);
            // A bare multisig of more keys, and keys that were hashed away, have no text that is parsed.
            if (!again.ok) expect.fail(again.reason);
            expect(again.descriptor.isSolvable).toBe(true);
            expect(again.descriptor.isRange).toBe(false);
            expect(again.descriptor.expand(0)?.scripts.map(bytesToHex)).toEqual([
              bytesToHex(script),
            ]);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test("keeps the tree of a Taproot output, and origins", () => {
    const x = KEY.slice(2);
    const text = `tr([aabbccdd/1h/2]${x},{pk(${x}),{multi_a(1,${x}),pk(${x})}})`;
    const { scripts, provider } = expanded(text);
    const origin = `[aabbccdd/1h/2]${x}`;
    expect(inferred(scripts[0] as Uint8Array, provider)).toBe(
      `tr(${origin},{pk(${origin}),{multi_a(1,${origin}),pk(${origin})}})`,
    );
  });

  test.each([
    ["a key", `21${KEY}ac`, `pk(${KEY})`],
    // Core does not ask here whether the key is on the curve.
    ["a key on no point", `2102${"ff".repeat(32)}ac`, `pk(02${"ff".repeat(32)})`],
    ["a hybrid key", `41${HYBRID}ac`, `raw(41${HYBRID}ac)`],
    [
      "more than three keys",
      `51${`21${KEY}`.repeat(4)}54ae`,
      `multi(1,${KEY},${KEY},${KEY},${KEY})`,
    ],
    ["Taproot", `5120${KEY.slice(2)}`, `rawtr(${KEY.slice(2)})`],
    ["an anchor", "51024e73", "addr(bcrt1pfeesnyr2tx)"],
    ["data", "6a0100", "raw(6a0100)"],
    ["nothing", "", "raw()"],
  ])("%s alone", (_, script, text) => {
    expect(inferred(hexToBytes(script))).toBe(text);
  });

  test("a hash alone has only an address", () => {
    expect(inferred(p2pkhScript(hash160(hexToBytes(KEY))))).toBe(
      "addr(mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r)",
    );
  });

  test("a wrapped script that means nothing has only an address", () => {
    const provider = new SigningProvider();
    const redeem = multisigScript(1, [hexToBytes(HYBRID)]);
    provider.addScript(redeem);
    const { scripts } = expanded(`raw(a914${bytesToHex(hash160(redeem))}87)`);
    expect(inferred(scripts[0] as Uint8Array, provider)).toMatch(/^addr\(2/);
  });
});
