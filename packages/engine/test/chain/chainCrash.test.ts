import type { AncestorView, Block, HeaderNode } from "@chain/core";
import { MemoryStore } from "@chain/storage";
import { makeBlock } from "@chain/testing/blockFactory";
import { describe, expect, it } from "vitest";
import type { ChainManager } from "../../src/chain/manager.ts";
import { coinbaseOf, coinsHash, grow, mine, openNode, params, spend } from "../support/chains.ts";
import { Crash, SessionStore } from "../support/sessionStore.ts";

/** Something a node does, and repeats after a crash as its peers would have it do. */
type Action = (chain: ChainManager) => Promise<unknown>;

/** Growth, headers without bodies, a bad block, a side branch, a reorganisation over an invalid tip, a rebuild. */
async function story(): Promise<Action[]> {
  const { chain } = await openNode();
  const takeBlock =
    (block: Block): Action =>
    (each) =>
      each.acceptBlock(block, { requested: true });
  const bodies = (tip: HeaderNode, from: number) =>
    Promise.all(
      Array.from({ length: tip.height - from + 1 }, async (_, i) => {
        const node = tip.ancestor(from + i) as HeaderNode;
        return (await chain.getBlock(node.hash)) as Block;
      }),
    );
  const { genesis } = chain.headers;
  const short = await grow(
    chain,
    await mine(chain, genesis, [spend([coinbaseOf(params.genesis)], [7n])], 1),
    2,
    1,
  );
  const long = await grow(
    chain,
    await mine(chain, genesis, [spend([coinbaseOf(params.genesis)], [9n])], 2),
    4,
    2,
  );
  const shortBlocks = await bodies(short, 1);
  const longBlocks = await bodies(long, 1);
  const bad = makeBlock({ parent: long, params, reward: 11n * 10n ** 9n });
  const wrong = makeBlock({ parent: short, params, coinbase: bad.transactions[0]! }); // bad-cb-height
  const onBad = makeBlock({
    parent: view(bad, long),
    params,
  });
  const passing = makeBlock({ parent: genesis, params, extra: 9 });
  const onPassing = makeBlock({ parent: view(passing, genesis), params });
  return [
    ...shortBlocks.map(takeBlock),
    takeBlock(wrong),
    (each) => each.acceptHeaders(longBlocks.map(({ header }) => header)),
    (each) => each.acceptHeaders([bad.header, onBad.header]),
    (each) => each.acceptBlock(passing), // not wanted; its header is
    takeBlock(onPassing),
    takeBlock(bad), // without its ancestors it can't be connected
    ...longBlocks.toReversed().map(takeBlock),
    (each) => each.reindexUtxo(),
  ];
}

function view(block: Block, parent: AncestorView): AncestorView {
  const { header, hash } = block;
  return {
    ...header,
    hash,
    ancestor: () => undefined,
    height: parent.height + 1,
    medianTimePast: parent.medianTimePast,
  };
}

interface End {
  readonly tip: string;
  readonly coins: string;
  readonly headers: readonly string[];
}

async function endOf(chain: ChainManager): Promise<End> {
  const headers = [...chain.headers.nodes()].map(
    ({ hash, transactionCount, invalidReason }) =>
      `${hash} ${transactionCount} ${invalidReason === undefined}`,
  );
  return { tip: chain.tip.hash, coins: await coinsHash(chain), headers: headers.sort() };
}

/** Hash of the coins of an untouched node at every tip that the story passes. */
async function statesOf(actions: readonly Action[]): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  const { chain } = await openNode();
  const note = async () => states.set(chain.tip.hash, await coinsHash(chain));
  await note();
  for (const action of actions) {
    await action(chain);
    await note();
  }
  return states;
}

describe("a process that is killed between any two writes", () => {
  it("restarts with the coins of a tip that it had, and ends where the others end", async () => {
    const actions = await story();
    const whole = new SessionStore(new MemoryStore());
    const { chain } = await openNode({ store: whole });
    for (const action of actions) await action(chain);
    const end = await endOf(chain);
    expect(chain.tip.height).toBe(5);
    expect(end.headers.filter((line) => line.endsWith("false"))).toHaveLength(3);
    const states = await statesOf(actions);
    expect(whole.writes).toBeGreaterThan(25);

    for (let writes = 0; writes < whole.writes; writes++) {
      const disk = new MemoryStore();
      const first = new SessionStore(disk, writes);
      let chainBefore: ChainManager | undefined;
      const stops: string[] = [];
      const life = async () => {
        chainBefore = (await openNode({ store: first })).chain;
        chainBefore.subscribe((event) => {
          if (event.type === "chain-stopped") stops.push(event.why);
        });
        for (const action of actions) await action(chainBefore);
      };
      await expect(life()).rejects.toBeInstanceOf(Crash);
      if (chainBefore !== undefined) {
        // Memory may be ahead of the disk, so the first life is over.
        await expect(chainBefore.acceptHeaders([])).rejects.toMatchObject({ code: "failed" });
        expect(stops).toHaveLength(1);
      }

      const { chain: second } = await openNode({ store: new SessionStore(disk) });
      const coins = await coinsHash(second);
      const known = states.get(second.tip.hash);
      if (known !== undefined) expect(coins, `after ${writes} writes`).toBe(known);
      for (const action of actions) await action(second);
      expect(await endOf(second), `after ${writes} writes`).toEqual(end);
    }
  });
});
