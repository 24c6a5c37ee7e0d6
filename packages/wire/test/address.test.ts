import { isIPv4, isIPv6 } from "node:net";
import { bytesToHex } from "@chain/core";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  formatIp,
  formatNetAddress,
  isIpv4,
  netAddress,
  parseIp,
  UNSPECIFIED_ADDRESS,
} from "../src/address.ts";
import { sanitizeText } from "../src/text.ts";

const hexOf = (text: string) => {
  const ip = parseIp(text);
  return ip && bytesToHex(ip);
};

describe("text to address", () => {
  test.each([
    ["127.0.0.1", "00000000000000000000ffff7f000001"],
    ["255.255.255.255", "00000000000000000000ffffffffffff"],
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["1::", "00010000000000000000000000000000"],
    ["2001:db8::1", "20010db8000000000000000000000001"],
    ["2001:DB8:0:0:0:0:0:1", "20010db8000000000000000000000001"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::2:3:4:5:6:7:8", "00000002000300040005000600070008"],
    ["::ffff:10.0.0.1", "00000000000000000000ffff0a000001"],
    ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
    ["1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"],
  ])("%s", (text, hex) => {
    expect(hexOf(text)).toBe(hex);
  });

  test.each([
    ["nothing", ""],
    ["host name", "localhost"],
    ["three parts", "1.2.3"],
    ["five parts", "1.2.3.4.5"],
    ["final dot", "1.2.3.4."],
    ["byte above 255", "1.2.3.256"],
    ["leading zero", "1.2.3.04"],
    ["sign", "1.2.3.-4"],
    ["hexadecimal", "0x7f.0.0.1"],
    ["blank", " 127.0.0.1"],
    ["newline", "127.0.0.1\n"],
    ["one colon", ":"],
    ["three colons", ":::"],
    ["two gaps", "1::2::3"],
    ["seven groups", "1:2:3:4:5:6:7"],
    ["nine groups", "1:2:3:4:5:6:7:8:9"],
    ["gap for nothing", "1:2:3:4::5:6:7:8"],
    ["five digits", "12345::"],
    ["dots in the middle", "1.2.3.4::1"],
    ["dots before the end", "::1.2.3.4:5"],
    ["brackets", "[::1]"],
    ["zone", "fe80::1%eth0"],
    ["colon at the end", "1:2:3:4:5:6:7:"],
    ["colon at the start", ":1:2:3:4:5:6:7"],
  ])("not an address: %s", (_, text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

describe("address to text (RFC 5952)", () => {
  test.each([
    ["0:0:0:0:0:0:0:0", "::"],
    ["2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["::FFFF:1.2.3.4", "1.2.3.4"],
  ])("%s is %s", (text, canonical) => {
    expect(formatIp(parseIp(text) ?? expect.fail())).toBe(canonical);
  });

  it("says what Node takes for an address, and reads it back", () => {
    const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 });
    const any = fc.oneof(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      sparse.map((bytes) => Uint8Array.from(bytes)),
    );
    fc.assert(
      fc.property(any, (ip) => {
        const text = formatIp(ip);
        expect(isIpv4(ip) ? isIPv4(text) : isIPv6(text)).toBe(true);
        expect(parseIp(text)).toEqual(ip);
        if (!isIpv4(ip)) expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  it("agrees with Node on what an address is", () => {
    const piece = fc.constantFrom("0", "1", "ff", "255", "256", "01", ".", ":", "::", "g");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const text = pieces.join("");
        expect(parseIp(text) !== undefined, text).toBe(isIPv4(text) || isIPv6(text));
      }),
      { numRuns: 5_000 },
    );
  });
});

test("an address for the wire", () => {
  expect(formatNetAddress(netAddress("127.0.0.1", 3000))).toBe("127.0.0.1:3000");
  expect(formatNetAddress(netAddress("::1", 3000, 9n))).toBe("[::1]:3000");
  expect(netAddress("::1", 3000, 9n).services).toBe(9n);
  expect(netAddress("localhost", 3000)).toEqual({ ...UNSPECIFIED_ADDRESS, port: 3000 });
});

test("a peer's words can't move the cursor", () => {
  expect(sanitizeText("/Satoshi:27.0.0(a; b)/")).toBe("/Satoshi:27.0.0(a; b)/");
  expect(sanitizeText("a\u001b[2J\r\n\u0000\u009b<b>é%$")).toBe("a2Jb");
});
