import { describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { checkAnswer } from "../src/rpc/answers.ts";

const ID = "ab".repeat(32);
const COIN = { txid: ID, vout: 0, amount: 1, height: 1, coinbase: false, pending: false };

describe("an answer of another program at the port of the node", () => {
  it.each([
    ["getblockhash", 7, "unreachable"],
    ["getblockhash", "ab", "unreachable"],
    ["getnodeinfo", null, "unreachable"],
    ["getnodeinfo", { pid: "1" }, "unreachable"],
    ["getblockundo", "xyz", "unreachable"],
    ["listunspentbyscript", { height: 1, coins: [{ ...COIN, vout: -1 }] }, "unreachable"],
    ["listunspentbyscript", { height: 1, coins: [{ ...COIN, amount: "1" }] }, "unreachable"],
    ["generatetoaddress", "no list", "uncertain"],
    ["sendrawtransaction", undefined, "uncertain"],
    ["submitpayment", { txid: ID }, "uncertain"],
  ] as const)("%s %j is refused: %s", (method, answer, code) => {
    let thrown: unknown;
    try {
      checkAnswer(method, answer);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UserError);
    expect(thrown).toMatchObject({ code, cause: expect.anything() });
    expect(String(thrown)).toContain(`the answer to ${method} can't be read`);
  });

  it("is taken where it has the right form", () => {
    expect(checkAnswer("getblockhash", ID)).toBe(ID);
    expect(checkAnswer("getblockundo", null)).toBe(null);
    const coins = { height: 1, coins: [COIN] };
    expect(checkAnswer("listunspentbyscript", coins)).toBe(coins);
  });
});
