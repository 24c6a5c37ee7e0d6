import {
  CoreError,
  concatBytes,
  decodeScriptNumber,
  encodeScriptNumber,
  equalBytes,
  hexToBytes,
  multisigScript,
  nullDataScript,
  Opcode,
  opcodeName,
  outputTemplate,
  p2pkhScript,
  p2pkScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  p2wshScript,
  pushData,
  scriptFromAsm,
  scriptToAsm,
  witnessProgramScript,
} from "@chain/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const EMPTY: Uint8Array = new Uint8Array(0);
const hash = new Uint8Array(20).fill(7);
const hash32 = new Uint8Array(32).fill(8);
const key = Uint8Array.of(2, ...hash32);
const longKey = Uint8Array.of(4, ...hash32, ...hash32);

describe("templates: what is built is recognised", () => {
  test.each([
    [p2pkScript(key), { type: "pubkey", publicKey: key }],
    [p2pkScript(longKey), { type: "pubkey", publicKey: longKey }],
    [p2pkhScript(hash), { type: "pubkeyhash", hash }],
    [p2shScript(hash), { type: "scripthash", hash }],
    [multisigScript(1, [key]), { type: "multisig", required: 1, publicKeys: [key] }],
    [
      multisigScript(2, [key, longKey, key]),
      { type: "multisig", required: 2, publicKeys: [key, longKey, key] },
    ],
    [
      multisigScript(17, Array<Uint8Array>(20).fill(key)),
      { type: "multisig", required: 17, publicKeys: Array<Uint8Array>(20).fill(key) },
    ],
    [p2wpkhScript(hash), { type: "witness_v0_keyhash", hash }],
    [p2wshScript(hash32), { type: "witness_v0_scripthash", hash: hash32 }],
    [p2trScript(hash32), { type: "witness_v1_taproot", outputKey: hash32 }],
    [witnessProgramScript(1, hash), { type: "witness_unknown", version: 1, program: hash }],
    [witnessProgramScript(16, hash32), { type: "witness_unknown", version: 16, program: hash32 }],
    [
      witnessProgramScript(1, Uint8Array.of(0x4e, 0x73)),
      { type: "anchor", program: Uint8Array.of(0x4e, 0x73) },
    ],
    [
      witnessProgramScript(2, Uint8Array.of(0x4e, 0x73)),
      { type: "witness_unknown", version: 2, program: Uint8Array.of(0x4e, 0x73) },
    ],
    [
      witnessProgramScript(2, new Uint8Array(40)),
      { type: "witness_unknown", version: 2, program: new Uint8Array(40) },
    ],
    [nullDataScript(), { type: "nulldata" }],
    [nullDataScript(hash, EMPTY), { type: "nulldata" }],
  ])("%#: $1.type", (script, expected) => {
    expect(outputTemplate(script)).toEqual(expected);
  });

  test.each([
    ["nothing", EMPTY],
    ["OP_RETURN with an opcode", scriptFromAsm("RETURN NOP")],
    ["OP_RETURN with a push that runs past the end", Uint8Array.of(Opcode.OP_RETURN, 2, 1)],
    ["a version 0 program of 21 bytes", witnessProgramScript(0, new Uint8Array(21))],
    [
      "a key of 33 bytes that begins with 5",
      concatBytes(pushData(key.with(0, 5)), Uint8Array.of(0xac)),
    ],
    ["a key pushed the long way", concatBytes(Uint8Array.of(0x4c), p2pkScript(key))],
    ["2 of 1", concatBytes(Uint8Array.of(0x52), pushData(key), Uint8Array.of(0x51, 0xae))],
    ["0 of 1", concatBytes(Uint8Array.of(0), pushData(key), Uint8Array.of(0x51, 0xae))],
    [
      "1 of 2 with one key",
      concatBytes(Uint8Array.of(0x51), pushData(key), Uint8Array.of(0x52, 0xae)),
    ],
    [
      "1 of 1, the count pushed as bytes",
      concatBytes(Uint8Array.of(0x51), pushData(key), Uint8Array.of(1, 1, 0xae)),
    ],
    [
      "1 of 17, the count with a byte too many",
      concatBytes(
        Uint8Array.of(0x51),
        ...Array<Uint8Array>(17).fill(pushData(key)),
        Uint8Array.of(2, 17, 0, 0xae),
      ),
    ],
    ["multisig without keys", Uint8Array.of(0x51, 0x51, 0xae)],
    [
      "multisig and something before the end",
      concatBytes(Uint8Array.of(0x51), pushData(key), Uint8Array.of(0x51, 0x61, 0xae)),
    ],
    ["P2PKH that verifies", concatBytes(p2pkhScript(hash).subarray(0, -1), Uint8Array.of(0xad))],
  ])("nonstandard: %s", (_, script) => {
    expect(outputTemplate(script)).toEqual({ type: "nonstandard" });
  });

  test("what can't be built", () => {
    for (const build of [
      () => p2pkScript(hash32),
      () => p2pkhScript(hash32),
      () => p2shScript(EMPTY),
      () => p2wpkhScript(hash32),
      () => p2wshScript(hash),
      () => p2trScript(key),
      () => multisigScript(0, [key]),
      () => multisigScript(2, [key]),
      () => multisigScript(1, Array<Uint8Array>(21).fill(key)),
      () => witnessProgramScript(17, hash),
      () => witnessProgramScript(1, Uint8Array.of(1)),
      () => witnessProgramScript(1, new Uint8Array(41)),
    ]) {
      expect(build).toThrow(CoreError);
    }
  });
});

describe("scripts as text", () => {
  test.each([
    ["", ""],
    [
      `76a914${"07".repeat(20)}88ac`,
      `OP_DUP OP_HASH160 ${"07".repeat(20)} OP_EQUALVERIFY OP_CHECKSIG`,
    ],
    ["004f5160", "0 -1 1 16"],
    ["50626566", "OP_RESERVED OP_VER OP_VERIF OP_VERNOTIF"],
    ["02ff80", "-255"],
    ["0201000180", "1 0"], // longer than they need be
    ["04ffffff7f", "2147483647"],
    ["050000000001", "0000000001"],
    [
      "b0b1b2b3bafeff",
      "OP_NOP1 OP_CHECKLOCKTIMEVERIFY OP_CHECKSEQUENCEVERIFY OP_NOP4 OP_CHECKSIGADD OP_UNKNOWN OP_INVALIDOPCODE",
    ],
    ["5102ff", "1 [error]"],
    ["4c", "[error]"],
  ])("%s reads %s", (hex, text) => {
    expect(scriptToAsm(hexToBytes(hex), { forDisplay: true })).toBe(text);
  });

  test.each([
    ["", ""],
    [
      `76a914${"07".repeat(20)}88ac`,
      `OP_DUP OP_HASH160 ${"07".repeat(20)} OP_EQUALVERIFY OP_CHECKSIG`,
    ],
    ["004f5160", "0 -1 1 16"],
    ["02ff80", "-255"],
    ["0201000180", "0x020100 0x0180"], // longer than they need be, and negative zero
    ["0105", "0x0105"],
    ["4c0105", "0x4c0105"],
    ["4c0512345678ab", "0x4c0512345678ab"],
    ["0512345678ab", "12345678ab"],
    ["04c7353a42", "1111111111"],
    ["051111111111", "0x051111111111"], // would look like a number
    ["06111111111111", "111111111111"],
    ["050000000001", "0x050000000001"],
    ["bafeff", "OP_CHECKSIGADD 0xfe 0xff"],
    ["5102ff", "1 0x02ff"],
    ["514c", "1 0x4c"],
  ])("%s is written as %s, and read again", (hex, text) => {
    expect(scriptToAsm(hexToBytes(hex))).toBe(text);
    expect(scriptFromAsm(text)).toEqual(hexToBytes(hex));
  });

  test("every script is read again as it was written", () => {
    const digits = fc.stringMatching(/^([0-9]{2}){0,12}$/).map(hexToBytes);
    const bytes = fc.uint8Array({ maxLength: 90 });
    const small = fc.uint8Array({ maxLength: 5 });
    const longPush = fc
      .tuple(fc.constantFrom(0x4c, 0x4d, 0x4e), small)
      .map(([opcode, data]) =>
        concatBytes(
          Uint8Array.of(opcode, data.length),
          new Uint8Array([0, 1, 3][opcode - 0x4c] as number),
          data,
        ),
      );
    const part = fc.oneof(
      digits.map(pushData),
      bytes.map(pushData),
      small.map((data) => concatBytes(Uint8Array.of(data.length), data)),
      longPush,
      fc.uint8Array({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const script = concatBytes(...parts);
        expect(scriptFromAsm(scriptToAsm(script))).toEqual(script);
      }),
      { numRuns: 2_000 },
    );
    for (let opcode = 0; opcode <= 0xff; opcode++) {
      const script = Uint8Array.of(opcode);
      expect(scriptFromAsm(scriptToAsm(script))).toEqual(script);
    }
  });

  test("a push of millions of bytes is read again", () => {
    for (const script of [
      pushData(new Uint8Array(3_000_000)),
      new Uint8Array(3_000_000).fill(0x4e),
    ]) {
      expect(equalBytes(scriptFromAsm(scriptToAsm(script)), script)).toBe(true);
    }
  });

  test("what is meant for display and can't be read is refused", () => {
    for (const hex of ["5102ff", "fe"]) {
      const text = scriptToAsm(hexToBytes(hex), { forDisplay: true });
      expect(() => scriptFromAsm(text)).toThrow(expect.objectContaining({ code: "invalid-asm" }));
    }
  });

  test("hash types are shown behind what is a signature, where that is asked for", () => {
    const der = `3006020101020101`;
    const push = (hashType: string): Uint8Array => pushData(hexToBytes(der + hashType));
    expect(scriptToAsm(push("01"), { forDisplay: true, hashTypes: true })).toBe(`${der}[ALL]`);
    expect(scriptToAsm(push("83"), { forDisplay: true, hashTypes: true })).toBe(
      `${der}[SINGLE|ANYONECANPAY]`,
    );
    expect(scriptToAsm(push("04"), { forDisplay: true, hashTypes: true })).toBe(`${der}04`);
    expect(scriptToAsm(push("01"))).toBe(`${der}01`);
    const data = concatBytes(Uint8Array.of(Opcode.OP_RETURN), push("01"));
    expect(scriptToAsm(data, { forDisplay: true, hashTypes: true })).toBe(`OP_RETURN ${der}01`);
  });

  test.each([
    ["DUP OP_HASH160", "76a9"],
    [" 0 -1\t1 16\n17 ", "004f51600111"],
    ["0x4c 0x0102", "4c0102"],
    ["'ab' ''", "02616200"],
    ["-4294967295 4294967295", "05ffffffff8005ffffffff00"],
    ["RESERVED NOP2 NOP3 CHECKSIGADD", "50b1b2ba"],
  ])("%s is %s", (text, hex) => {
    expect(scriptFromAsm(text)).toEqual(hexToBytes(hex));
  });

  test.each([
    "FOO",
    "PUSHDATA1",
    "0x1",
    "0x",
    "4294967296",
    "1.5",
    "INVALIDOPCODE",
    "toString",
    "'",
    "[error]",
  ])("%s is no word", (word) => {
    expect(() => scriptFromAsm(word)).toThrow(expect.objectContaining({ code: "invalid-asm" }));
  });

  test("a script of any number of operations is read", () => {
    expect(scriptFromAsm("1 ".repeat(300_000)).length).toBe(300_000);
  });

  test("every opcode that is no push is read again by its name", () => {
    for (const [name, opcode] of Object.entries(Opcode)) {
      if (opcode < Opcode.OP_NOP || opcode === Opcode.OP_INVALIDOPCODE) continue;
      expect(opcodeName(opcode)).toBe(name);
      expect(scriptFromAsm(name)).toEqual(Uint8Array.of(opcode));
      expect(scriptFromAsm(name.slice(3))).toEqual(Uint8Array.of(opcode));
    }
  });
});

describe("numbers of scripts", () => {
  test("what is encoded decodes, and is minimal", () => {
    const range = 2 ** 39 - 1;
    fc.assert(
      fc.property(fc.integer({ min: -range, max: range }), (value) => {
        const bytes = encodeScriptNumber(value);
        expect(decodeScriptNumber(bytes, true, 5)).toBe(value === 0 ? 0 : value);
        if (bytes.length > 4) expect(decodeScriptNumber(bytes, false)).toBe(undefined);
      }),
    );
  });

  test.each([
    [0, ""],
    [1, "01"],
    [-1, "81"],
    [127, "7f"],
    [128, "8000"],
    [-128, "8080"],
    [255, "ff00"],
    [-255, "ff80"],
    [256, "0001"],
    [32_768, "008000"],
    [-32_768, "008080"],
    [0x7fff_ffff, "ffffff7f"],
    [0x8000_0000, "0000008000"],
  ])("%d is %s", (value, hex) => {
    expect(encodeScriptNumber(value)).toEqual(hexToBytes(hex));
    expect(decodeScriptNumber(hexToBytes(hex), true, 5)).toBe(value);
  });

  test("of all encodings of a number just one is minimal", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), (bytes) => {
        const value = decodeScriptNumber(bytes, false, 5) as number;
        const minimal = decodeScriptNumber(bytes, true, 5) !== undefined;
        expect(minimal).toBe(String(encodeScriptNumber(value)) === String(bytes));
      }),
    );
  });
});
