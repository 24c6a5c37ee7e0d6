import { METHODS, toJson } from "@chain/rpc";
import { describe, expect, test } from "vitest";
import { byName, byPosition } from "../src/convert.ts";

describe("by position, what is no text is read as JSON", () => {
  test.each([
    ["getblock", ["00", "2"], '["00",2]'],
    ["getblockhash", ["5"], "[5]"],
    ["getblockstats", ["5", '["height"]'], '[5,["height"]]'],
    ["getblockstats", ["0f9188f1"], '["0f9188f1"]'],
    ["gettxoutsetinfo", ["none", "1a", "true"], '["none","1a",true]'],
    ["sendrawtransaction", ["00", "0.10", "1"], '["00",0.10,1]'],
    ["createrawtransaction", ["[]", '{"data":"00"}', "0", "false"], '[[],{"data":"00"},0,false]'],
    ["generatetoaddress", ["2", "5"], '[2,"5"]'],
    ["setmocktime", ["18446744073709551615"], "[18446744073709551615]"],
    ["signmessagewithprivkey", ["1", "2"], '["1","2"]'],
    ["echo", ["1", "true"], '["1","true"]'],
    ["echojson", ["1", '{"a":null}'], '[1,{"a":null}]'],
    ["unknown", ["1", "true"], '["1","true"]'],
  ])("%s %j", (method, words, json) => {
    expect(toJson(byPosition(method, words))).toBe(json);
  });
});

describe("by name", () => {
  test.each([
    ["getblock", ["blockhash=00", "verbosity=2"], '{"blockhash":"00","verbosity":2}'],
    ["getblock", ["00", "verbose=true"], '{"verbose":true,"args":["00"]}'],
    ["echo", ["arg0=0", "arg1=1", "arg1=3"], '{"arg0":"0","arg1":"3"}'],
    ["echo", ["args=[0,1]"], '{"args":"[0,1]"}'],
    // A text of base64 is no name, and neither is JSON that has an `=`.
    ["verifymessage", ["a", "sig==", "message=m"], '{"message":"m","args":["a","sig=="]}'],
    ["echojson", ['["a=b"]'], '{"args":[["a=b"]]}'],
    [
      "gettxspendingprevout",
      ["outputs=[]", "mempool_only=true"],
      '{"outputs":[],"mempool_only":true}',
    ],
    ["unknown", ["a=1", "__proto__=2"], '{"a":"1","__proto__":"2"}'],
  ])("%s %j", (method, words, json) => {
    expect(toJson(byName(method, words))).toBe(json);
  });

  test("`args` beside parameters by position is what the node refuses", () => {
    expect(() => byName("echo", ["args=[0,1,2,3]", "4"])).toThrow(
      expect.objectContaining({ code: -8, message: "Parameter args specified multiple times" }),
    );
  });
});

test("what is no JSON is named", () => {
  expect(() => byPosition("getblockhash", ["foo"])).toThrow("Error parsing JSON: foo");
  expect(() => byName("getblockhash", ["height=foo"])).toThrow("Error parsing JSON: foo");
});

test("each method takes its own examples as words", () => {
  const taken = METHODS.flatMap(({ name, examples }) =>
    examples.map((example) => ({ name, example })),
  );
  // Texts of `echo` are texts, and a text where a method takes a text or a number is JSON first.
  const other = ["echo", "echojson", "getblockstats", "gettxoutsetinfo"];
  for (const { name, example } of taken) {
    if (!Array.isArray(example) || other.includes(name)) continue;
    const words = example.map((value) => (typeof value === "string" ? value : toJson(value)));
    expect(toJson(byPosition(name, words)), name).toBe(toJson(example));
  }
  expect(taken.length).toBeGreaterThan(80);
});
