import { nobleVerifier, type SignatureVerifier } from "@chain/core";
import { makeBlock, payment, summary, testKey } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import { COIN_VALUE, coinbaseCoin, mine, openNode, params } from "../support/chains.ts";

describe("refusing", () => {
  it("checks signatures, and those of a known transaction only once", async () => {
    let count = 0;
    const verifier: SignatureVerifier = {
      ...nobleVerifier,
      verifyEcdsa: (...args) => {
        count++;
        return nobleVerifier.verifyEcdsa(...args);
      },
    };
    const { chain } = await openNode({ verifier });
    const coins = [coinbaseCoin(params.genesis, 0)];
    const outputs = [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }];
    const good = payment({ coins, outputs });
    const forged = payment({
      coins,
      outputs,
      key: { ...testKey(2), publicKey: testKey(0).publicKey },
    });
    const block = makeBlock({ parent: chain.tip, params, transactions: [forged] });
    const refusal = await chain.acceptBlock(block, { requested: true });
    expect(summary(refusal)).toMatch(
      /^consensus: mandatory-script-verify-flag-failed \(Script eval/,
    );
    expect(summary(await chain.acceptTransaction(forged))).toMatch(/^policy: mempool-script-/);
    expect(chain.mempool.count).toBe(0);

    expect(await chain.acceptTransaction(good)).toEqual({ ok: true, fee: 0n });
    const before = count;
    await mine(chain, chain.tip, [good]);
    expect(chain.tip.height).toBe(1);
    expect(count).toBe(before);
  });
});

it("tells metrics of each input that it checks, and of those that it knows", async () => {
  const times: number[] = [];
  let known = 0;
  const metrics = {
    scriptRun: (milliseconds: number) => times.push(milliseconds),
    scriptKnown: () => known++,
    connectionEnded: () => {},
  };
  const { chain } = await openNode({ verifier: nobleVerifier, metrics });
  const outputs = [{ value: COIN_VALUE, scriptPubKey: testKey(1).script }];
  const good = payment({ coins: [coinbaseCoin(params.genesis, 0)], outputs });
  expect((await chain.acceptTransaction(good)).ok).toBe(true);
  const before = times.length;
  expect(before).toBeGreaterThan(0);
  expect(times.every((each) => each >= 0)).toBe(true);
  expect(known).toBe(0);
  await mine(chain, chain.tip, [good]);
  expect([times.length, known]).toEqual([before, 1]);
});
