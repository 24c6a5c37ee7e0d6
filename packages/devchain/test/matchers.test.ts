/** The matchers, as Vitest runs them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ChainMatchers, chainMatchers, createDevChain, type DevChain } from "../src/index.ts";

declare module "vitest" {
  interface Matchers<T> extends ChainMatchers {}
}

let chain: DevChain;
beforeAll(async () => {
  chain = await createDevChain({ accounts: 2 });
  expect.extend(chainMatchers(chain));
});
afterAll(() => chain.close());

test("say whether a transaction is confirmed, and how often", async () => {
  const txid = await chain.send(0, chain.accounts[1]?.address ?? "", 1_000n);
  await expect(txid).toBeUnconfirmed();
  await expect(txid).not.toBeConfirmed();
  await expect(expect(txid).toBeConfirmed()).rejects.toThrow("and it is unconfirmed");
  await chain.mine(3);
  await expect({ txid }).toBeConfirmed();
  await expect(txid).toBeConfirmed(3);
  await expect(txid).not.toBeConfirmed(4);
  await expect(expect(txid).not.toBeConfirmed()).rejects.toThrow("it has 3 confirmations");
  await expect(expect(txid).toBeUnconfirmed()).rejects.toThrow("and it is confirmed");
  await expect(expect("00".repeat(32)).toBeConfirmed()).rejects.toThrow("and it is unknown");
  await expect(expect("nonsense").toBeConfirmed()).rejects.toThrow("a transaction, or its id");
  await chain.reorg({ depth: 3, unconfirm: "all" });
  await expect(txid).toBeUnconfirmed();
});

test("say what somebody has", async () => {
  const address = chain.accounts[1]?.addresses.bech32m ?? "";
  await chain.fund(address, 7_000n);
  await expect(address).toHaveBalance(7_000n);
  await expect(expect(address).toHaveBalance(8_000n)).rejects.toThrow(
    "to have 8000, and it has 7000",
  );
});
