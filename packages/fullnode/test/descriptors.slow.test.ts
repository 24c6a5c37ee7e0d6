/** Descriptors as Bitcoin Core's family reads them: reasons, canonical texts, addresses, and inference from scripts. */
import {
  bytesToHex,
  hexToBytes,
  outputTemplate,
  p2shScript,
  p2wshScript,
  regtest,
} from "@chain/core";
import {
  anyDescriptor,
  damagedDescriptor,
  MISTAKES,
  MULTIPATH,
} from "@chain/testing/descriptorTexts";
import { inferDescriptor, type ParsedDescriptor, parseDescriptor } from "@chain/wallet/descriptors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CoreNode, type Daemon, versionOf } from "./support/coreNode.ts";

const daemon: Daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);

const seed = 2_026;
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] =>
  fc.sample(arbitrary, { numRuns, seed });

/** The answer, or the message of the error. */
async function ask(node: CoreNode, method: string, ...params: unknown[]): Promise<unknown> {
  try {
    return await node.call(method, ...params);
  } catch (error) {
    const message = (error as Error).message.slice(`${method}: `.length);
    return (JSON.parse(message) as { message: string }).message;
  }
}

/** As `getdescriptorinfo` says it. */
function informationOf(parsed: ParsedDescriptor): unknown {
  if (!parsed.ok) return parsed.reason;
  const { descriptor, descriptors, checksum } = parsed;
  return {
    descriptor: String(descriptor),
    ...(descriptors.length > 1 ? { multipath_expansion: descriptors.map(String) } : {}),
    checksum,
    isrange: descriptor.isRange,
    issolvable: descriptor.isSolvable,
    hasprivatekeys: descriptor.hasPrivateKeys,
  };
}

/** Why ours may say something else than version 29 of Knots, or `undefined`. */
function explained(text: string, ours: unknown, theirs: unknown): string | undefined {
  if (theirs === "") return "ours has a reason where Core's is an empty text";
  if (theirs === "tr() supports at most 7 nesting levels") return "Knots allows fewer levels";
  if (/\/\+\d/.test(text)) return "Core takes a plus sign in front of a step no more";
  if (typeof ours === "string" && ours.endsWith("is invalid due to whitespace")) {
    return "Core 31 has a reason of its own for white space";
  }
  // Version 29 reads a key of miniscript up to the first closing bracket, Core 31 an expression.
  const noFunction = /(is not a valid descriptor function|A function is needed within P2\w+)$/;
  if (typeof ours === "string" && noFunction.test(ours)) return "Core reads keys otherwise now";
  return undefined;
}

describe.skipIf(version === undefined)(`descriptors as bitcoind ${version ?? "(missing)"}`, () => {
  test("hundreds of right and wrong ones: the same information, or the same reason", async () => {
    const node = await CoreNode.start(daemon);
    const right = [...sample(anyDescriptor, 400), ...sample(MULTIPATH, 60).map(({ text }) => text)];
    const texts = [...right, ...MISTAKES, ...sample(damagedDescriptor, 1200)];
    const unlike: unknown[] = [];
    let refused = 0;
    for (const text of texts) {
      const ours = informationOf(parseDescriptor(text, regtest));
      const theirs = await ask(node, "getdescriptorinfo", text);
      if (JSON.stringify(ours) === JSON.stringify(theirs))
        refused += typeof ours === "string" ? 1 : 0;
      else if (explained(text, ours, theirs) === undefined) unlike.push({ text, ours, theirs });
    }
    expect(unlike).toEqual([]);
    expect(refused).toBeGreaterThan(1000);
  });

  test("the same addresses", async () => {
    const node = await CoreNode.start(daemon);
    const texts = [...sample(anyDescriptor, 300), ...sample(MULTIPATH, 60).map(({ text }) => text)];
    for (const text of texts) {
      const parsed = parseDescriptor(text, regtest);
      if (!parsed.ok) expect.fail(parsed.reason);
      const { isRange } = parsed.descriptor;
      const lists = parsed.descriptors.map((descriptor) => {
        const addresses: string[] = [];
        for (const index of isRange ? [5, 6, 7] : [0]) {
          const derived = descriptor.addresses(index);
          if (!derived.ok) return derived.reason;
          addresses.push(...derived.addresses);
        }
        return addresses;
      });
      const reason = lists.find((list) => typeof list === "string");
      const ours = reason ?? (lists.length === 1 ? lists[0] : lists);
      const range = isRange ? [[5, 7]] : [];
      const theirs = await ask(node, "deriveaddresses", `${text}#${parsed.checksum}`, ...range);
      expect({ text, addresses: ours }).toEqual({ text, addresses: theirs });
    }
  });

  test("the same descriptor of a script", async () => {
    const node = await CoreNode.start(daemon);
    const random = fc.uint8Array({ maxLength: 40 });
    const scripts = [
      ...sample(anyDescriptor, 200).flatMap((text) => {
        const parsed = parseDescriptor(text, regtest);
        const expansion = parsed.ok ? parsed.descriptor.expand(3) : undefined;
        return [...(expansion?.scripts ?? [])];
      }),
      ...sample(random, 200),
      ...sample(fc.uint8Array({ minLength: 20, maxLength: 20 }), 20).map(p2shScript),
      ...sample(fc.uint8Array({ minLength: 32, maxLength: 32 }), 20).map(p2wshScript),
      ...sample(fc.uint8Array({ minLength: 2, maxLength: 40 }), 60).map((program) =>
        Uint8Array.of(0x51, program.length, ...program),
      ),
    ];
    for (const script of scripts) {
      const hex = bytesToHex(script);
      const ours = String(inferDescriptor(hexToBytes(hex), regtest));
      const theirs = await node.call<{ desc: string; type: string }>("decodescript", hex);
      expect({ hex, desc: ours, type: outputTemplate(script).type }).toEqual({
        hex,
        desc: theirs.desc,
        type: theirs.type,
      });
    }
  });
});
