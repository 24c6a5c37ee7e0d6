import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseArguments } from "../src/arguments.ts";

const takesValue = (flag: string) => ["--address", "--from", "--amount"].includes(flag);
const normalise = (argv: readonly string[]) => normaliseArguments(argv, takesValue);

describe("the tutorial's spelling", () => {
  it.each([
    [
      ["send", "-from", "A", "-mine"],
      ["send", "--from", "A", "--mine"],
    ],
    [
      ["x", "-address=A"],
      ["x", "--address=A"],
    ],
    [
      ["x", "-mine-when", "3"],
      ["x", "--mine-when", "3"],
    ],
    [
      ["x", "--amount", "-1"],
      ["x", "--amount", "-1"],
    ],
    [
      ["x", "-amount", "-1"],
      ["x", "--amount", "-1"],
    ],
    [
      ["x", "-amount", "-0.5e3"],
      ["x", "--amount", "-0.5e3"],
    ],
    [
      ["x", "-from", "-mine"],
      ["x", "--from", "-mine"],
    ],
    [
      ["x", "-from=-mine", "-mine"],
      ["x", "--from=-mine", "--mine"],
    ],
    [
      ["x", "-h"],
      ["x", "-h"],
    ],
    [
      ["x", "-1", "-", "--"],
      ["x", "-1", "-", "--"],
    ],
    [
      ["x", "--", "-from"],
      ["x", "--", "-from"],
    ],
    [
      ["x", "-from"],
      ["x", "--from"],
    ],
    [
      ["x", "-für"],
      ["x", "-für"],
    ],
    [[], []],
  ])("%j becomes %j", (argv, expected) => {
    expect(normalise(argv)).toEqual(expected);
  });

  it("changes nothing that is normal already, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom("-from", "--", "-mine"))),
        (argv) => {
          const once = normalise(argv);
          expect(normalise(once)).toEqual(once);
          expect(once).toHaveLength(argv.length);
        },
      ),
    );
  });
});
