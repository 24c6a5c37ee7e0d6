import { checksum as theirs } from "@bitcoinerlab/descriptors";
import { anyDescriptor } from "@chain/testing/descriptorTexts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDescriptorChecksum, descriptorChecksum } from "../../src/descriptor/checksum.ts";

describe("the checksum of a descriptor", () => {
  test("is that of BIP-0380's example", () => {
    expect(descriptorChecksum("raw(deadbeef)")).toBe("89f8spxm");
  });

  test("is that of another library for any descriptor", () => {
    fc.assert(
      fc.property(anyDescriptor, (text) => {
        expect(descriptorChecksum(text)).toBe(theirs(text));
      }),
      { numRuns: 200 },
    );
  });

  test("finds one and two exchanged characters", () => {
    fc.assert(
      fc.property(anyDescriptor, fc.nat(), fc.nat(), (text, a, b) => {
        const at = [a % text.length, b % text.length];
        const other = (character: string) => (character === "0" ? "1" : "0");
        const damaged = [...text].map((each, i) => (at.includes(i) ? other(each) : each)).join("");
        expect(descriptorChecksum(damaged)).not.toBe(descriptorChecksum(text));
      }),
    );
  });

  test("is none where a character belongs to no descriptor", () => {
    for (const text of ["raw(é)", "raw(\n)", "\u0000", "raw(😀)"]) {
      expect(descriptorChecksum(text)).toBeUndefined();
    }
  });

  test.each([
    ["raw(deadbeef)", true, "Missing checksum"],
    ["raw(deadbeef)#", false, "Expected 8 character checksum, not 0 characters"],
    ["raw(deadbeef)#89f8spx", false, "Expected 8 character checksum, not 7 characters"],
    ["raw(deadbeef)#89f8spxmm", false, "Expected 8 character checksum, not 9 characters"],
    ["raw(deadbeef)##9f8spxm", false, "Multiple '#' symbols"],
    ["raw(Ü)#00000000", false, "Invalid characters in payload"],
    [
      "raw(deedbeef)#89f8spxm",
      false,
      "Provided checksum '89f8spxm' does not match computed checksum",
    ],
  ])("of %s (required: %s) is refused: %s", (text, required, reason) => {
    const result = checkDescriptorChecksum(text, required);
    expect(result.ok ? "taken" : result.reason).toContain(reason);
  });
});
