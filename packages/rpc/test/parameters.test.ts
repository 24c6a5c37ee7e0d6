/** Parameters by position, by name and mixed. Core: rpc_named_arguments.py, rpc_tests.cpp. */
import { describe, expect, test } from "vitest";
import { parseJson } from "../src/json/parse.ts";
import { startHost } from "./support/host.ts";

const call = async (method: string, params: string) => {
  const { server } = await startHost();
  try {
    return await server.call(method, parseJson(params) ?? []);
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return [code, message];
  }
};

describe("parameters", () => {
  test.each([
    ["{}", []],
    ['{"arg0":1}', [1]],
    ['{"arg1":1}', [null, 1]],
    ['{"arg1":1,"arg9":2}', [null, 1, null, null, null, null, null, null, null, 2]],
    ['{"args":[1,2]}', [1, 2]],
    ['{"args":[1],"arg1":2}', [1, 2]],
    ['{"args":[1],"arg2":2}', [1, null, 2]],
    ["[null,1]", [null, 1]],
  ])("%s are by position", async (params, expected) => {
    expect(await call("echo", params)).toEqual(expected);
  });

  test.each([
    ['{"arg0":1,"arg0":2}', -8, "Parameter arg0 specified multiple times"],
    ['{"argh":1}', -8, "Unknown named parameter argh"],
    ['{"args":1}', -8, "Unknown named parameter args"],
    [
      '{"args":[1,2],"arg1":3}',
      -8,
      "Parameter arg1 specified twice both as positional and named argument",
    ],
  ])("%s are refused", async (params, code, message) => {
    expect(await call("echo", params)).toEqual([code, message]);
  });

  test("are known by their other names", async () => {
    const { server, chain } = await startHost();
    const hash = chain.tip.hash;
    const hex = await server.call("getblock", [hash, 0]);
    expect(await server.call("getblock", { verbose: false, blockhash: hash })).toBe(hex);
    expect(await server.call("getblock", { args: [hash], verbosity: 0 })).toBe(hex);
  });

  test("too many or too few bring the help", async () => {
    const few = await call("getblockhash", "[]");
    expect(few).toEqual([-1, expect.stringMatching(/^getblockhash height\n\nReturns the hash/)]);
    expect(await call("getblockhash", "[1,2]")).toEqual(few);
  });

  test("of wrong types are named, all of them", async () => {
    expect(await call("getblockheader", "[1,2]")).toEqual([
      -3,
      `Wrong type passed:
{
    "Position 1 (blockhash)": "JSON value of type number is not of expected type string",
    "Position 2 (verbose)": "JSON value of type number is not of expected type bool"
}`,
    ]);
    expect(await call("getblockhash", "[null]")).toEqual([
      -3,
      `Wrong type passed:
{
    "Position 1 (height)": "JSON value of type null is not of expected type number"
}`,
    ]);
  });

  test.each([
    ["getblockhash", "[1.0]", -1, "JSON integer out of range"],
    ["getblockhash", "[0.5]", -1, "JSON integer out of range"],
    ["getblockhash", "[1e0]", -1, "JSON integer out of range"],
    ["getblockhash", "[2147483648]", -1, "JSON integer out of range"],
    ["getblockhash", "[99999999999999999999999]", -1, "JSON integer out of range"],
    ["getblockhash", "[-1]", -8, "Block height out of range"],
    ["getblock", '["00"]', -8, "blockhash must be of length 64 (not 2, for '00')"],
    ["getblockheader", '["00"]', -8, "hash must be of length 64 (not 2, for '00')"],
    [
      "getblock",
      `["${"zz".repeat(32)}"]`,
      -8,
      `blockhash must be hexadecimal string (not '${"zz".repeat(32)}')`,
    ],
    ["getblock", `["${"00".repeat(32)}"]`, -5, "Block not found"],
    [
      "getblock",
      `["${"00".repeat(32)}","1"]`,
      -3,
      "JSON value of type string is not of expected type number",
    ],
  ])("%s %s: %i %s", async (method, params, code, message) => {
    expect(await call(method, params)).toEqual([code, message]);
  });
});
