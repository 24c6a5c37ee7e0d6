import { type Json, parseJson } from "@chain/rpc";
import { expect, test } from "vitest";
import { errorText, resultText } from "../src/print.ts";

test.each([
  ["null", ""],
  ['"a\\nb"', "a\nb"],
  ["true", "true"],
  ["0.10", "0.10"],
  ["[]", "[\n]"],
  ["{}", "{\n}"],
  ['{"a":[],"b":{"c":1.00000000}}', '{\n  "a": [\n  ],\n  "b": {\n    "c": 1.00000000\n  }\n}'],
  ["[1,[2]]", "[\n  1,\n  [\n    2\n  ]\n]"],
])("%s is printed as Core prints it", (json, text) => {
  expect(resultText(parseJson(json) as Json)).toBe(text);
});

test("an error makes the exit code", () => {
  expect(errorText({ code: -8, message: "no" })).toEqual({
    text: "error code: -8\nerror message:\nno",
    code: 8,
  });
  expect(errorText({ code: -19, message: "Which?" }).text).toMatch(
    /^error code: -19\nerror message:\nWhich\? Or for the CLI, specify the "-rpcwallet=/,
  );
  expect(errorText("odd")).toEqual({ text: 'error: "odd"', code: 1 });
});
