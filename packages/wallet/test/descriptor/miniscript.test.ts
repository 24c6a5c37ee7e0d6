import { Output } from "@bitcoinerlab/descriptors";
import { bytesToHex, regtest } from "@chain/core";
import { leafMiniscript, OTHER_KEY, witnessMiniscript } from "@chain/testing/miniscriptTexts";
import { networks } from "bitcoinjs-lib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDescriptor } from "../../src/descriptor/descriptor.ts";
import { inferDescriptor } from "../../src/descriptor/infer.ts";

const [A, B, C] = ["02", "03", "02"].map(
  (sign, n) =>
    sign +
    [
      "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
      "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
      "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
    ][n],
) as [string, string, string];
const HASH = "11".repeat(32);

function reasonOf(text: string): string | undefined {
  const parsed = parseDescriptor(text, regtest);
  return parsed.ok ? undefined : parsed.reason;
}

/** `undefined` where the other library refuses it. */
function scriptOfOther(descriptor: string): string | undefined {
  try {
    return bytesToHex(new Output({ descriptor, network: networks.regtest }).getScriptPubKey());
  } catch {
    return undefined;
  }
}

describe("miniscript", () => {
  test("in wsh(): what another library takes has the same script", () => {
    let same = 0;
    fc.assert(
      fc.property(witnessMiniscript, (expression) => {
        const text = `wsh(${expression})`;
        const theirs = scriptOfOther(text);
        const parsed = parseDescriptor(text, regtest);
        const ours = parsed.ok ? parsed.descriptor.expand(0)?.scripts.map(bytesToHex) : undefined;
        // Ours follows Core on what is refused: that the slow suite compares with Core itself.
        if (theirs === undefined || ours === undefined) return;
        expect({ text, script: ours }).toEqual({ text, script: [theirs] });
        same++;
      }),
      { numRuns: 150, seed: 3 },
    );
    expect(same).toBeGreaterThan(10);
  });

  test.each([
    ["wsh", witnessMiniscript, (expression: string) => `wsh(${expression})`],
    ["tr", leafMiniscript, (expression: string) => `tr(${OTHER_KEY},${expression})`],
  ])("in %s(): is inferred from its script, and printed as it was read", (_, texts, inside) => {
    let inferred = 0;
    fc.assert(
      fc.property(texts, (expression) => {
        const parsed = parseDescriptor(inside(expression), regtest);
        if (!parsed.ok) return;
        const again = parseDescriptor(String(parsed.descriptor), regtest);
        expect(again.ok && String(again.descriptor)).toBe(String(parsed.descriptor));
        const { scripts, provider } = parsed.descriptor.expand(0) ?? expect.fail("not expanded");
        const found = inferDescriptor(scripts[0] as Uint8Array, regtest, provider);
        expect(found.expand(0)?.scripts.map(bytesToHex)).toEqual(scripts.map(bytesToHex));
        expect(found.isSolvable).toBe(true);
        expect(String(found)).not.toMatch(/^(rawtr|addr)/);
        inferred++;
      }),
      { numRuns: 150, seed: 4 },
    );
    expect(inferred).toBeGreaterThan(10);
  });

  test.each([
    [`wsh(and_v(v:pk(${A}),older(10)))`, undefined],
    [`wsh(or_d(pk(${A}),and_v(v:pkh(${B}),older(144))))`, undefined],
    [`wsh(thresh(2,pk(${A}),s:pk(${B}),sln:older(32)))`, undefined],
    [`wsh(andor(pk(${A}),older(1008),pk(${B})))`, undefined],
    [`tr(${A},and_v(v:pk(${B}),after(500000001)))`, undefined],
    [`tr(${A},pkh(${B}))`, undefined],
    [`tr(${A},{pk(${B}),thresh(1,pk(${C}))})`, undefined],
    [`wsh(pk_k(${A}))`, `pk_k(${A}) is not sane`],
    [`wsh(and_v(pk(${A}),older(10)))`, `and_v(pk(${A}),older(10)) is invalid`],
    [`wsh(older(10))`, "older(10) is not sane: witnesses without signature exist"],
    [
      `wsh(or_b(pk(${A}),s:pk(${A})))`,
      `or_b(pk(${A}),s:pk(${A})) is not sane: contains duplicate public keys`,
    ],
    [
      `wsh(and_b(after(100),a:and_b(pk(${A}),a:after(1000000000))))`,
      `and_b(after(100),a:and_b(pk(${A}),a:after(1000000000))) is not sane: contains mixes of timelocks expressed in blocks and seconds`,
    ],
    [
      `wsh(or_i(sha256(${HASH}),pk(${A})))`,
      `or_i(sha256(${HASH}),pk(${A})) is not sane: witnesses without signature exist`,
    ],
    [`wsh(and_b(0,s:pk(${A})))`, `and_b(0,s:pk(${A})) is not satisfiable`],
    [`sh(and_v(v:pk(${A}),older(1)))`, "Miniscript expressions can only be used in wsh or tr."],
    [`and_v(v:pk(${A}),older(1))`, "Miniscript expressions can only be used in wsh or tr."],
    [`wsh(and_v(v:pk(x),older(1)))`, "key 'x' is not valid"],
    ["wsh(and_v(v:pk(),older(1)))", "No key provided"],
    [`wsh(and_v(v:pk(${A}),older(0)))`, "A function is needed within P2WSH"],
    [`wsh(and_v(v:pk(${A}),older(2147483648)))`, "A function is needed within P2WSH"],
    [`wsh(and_v(vv:pk(${A}),older(1)))`, "A function is needed within P2WSH"],
    [`wsh(and_v(v:multi_a(1,${A}),older(1)))`, "A function is needed within P2WSH"],
    [`wsh(and_v(v:sha256(11),pk(${A})))`, "A function is needed within P2WSH"],
    [
      `tr(${A},and_v(v:multi(1,${B}),older(1)))`,
      `'and_v(v:multi(1,${B}),older(1))' is not a valid descriptor function`,
    ],
  ])("%s: %s", (text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  test("of any depth is refused and does not overflow the stack", () => {
    for (const text of [
      `wsh(${"n".repeat(100_000)}:pk(${A}))`,
      `tr(${A},${"n:".repeat(100_000)}pk(${B}))`,
      `wsh(${"and_v(v:pk(A),".repeat(50_000)}1)`,
      `wsh(${`and_b(pk(${A}),a:`.repeat(2_000)}1${")".repeat(2_000)})`,
    ]) {
      expect(reasonOf(text)).toBeDefined();
    }
    const script = new Uint8Array(3_000).fill(0x92);
    expect(inferDescriptor(script, regtest).isSolvable).toBe(false);
  });
});
