/** Branches: who wins, who loses, and what becomes of the coins. */

import { payment } from "../blockFactory.ts";
import { OUTPUT_KINDS } from "../spends.ts";
import { ANYONE, type Placed, pay, Story, spend, unsigned } from "./story.ts";

const CHEAT = { reward: 10n ** 15n };

/** Branches of blocks that are all good. */
export function reorganisations(): Story {
  const story = new Story("reorganisations");
  story.grow(2);
  const root = story.tip;
  const a = [story.good("A1"), story.good("A2")];
  const b = [story.side("B1", { parent: root })];
  b.push(story.side("B2, as much work but later", { parent: b[0]!.node }));
  b.push(story.good("B3, more work", { parent: b[1]!.node }));
  a.push(story.side("A3", { parent: a[1]!.node }));
  a.push(story.good("A4, and back again", { parent: a[2]!.node }));
  // From the genesis block.
  let parent = root;
  while (parent.parent !== undefined) parent = parent.parent;
  const goal = story.tip.height;
  for (let n = 1; n <= goal; n++) parent = story.side(`C${n}, from the beginning`, { parent }).node;
  story.good(`C${goal + 1}, and all before was in vain`, { parent });

  const first = story.make();
  const second = story.onTopOf(first);
  story.send("before its parent", second, "missing-parent: prev-blk-not-found");
  story.send("its parent", first, "tip");
  story.send("and now", second, "tip");
  return story;
}

/** Branches with a block in them that is no good, which only shows when it is connected. */
export function badBranches(): Story {
  const story = new Story("branches with a bad block");
  story.grow(3);
  story.good("A1");
  story.good("A2");
  const invalid = "invalid-parent: bad-prevblk";
  const cached = "cached-invalid: duplicate-invalid";
  for (const where of [0, 1, 2]) {
    let parent = story.tip.parent!.parent!;
    const branch: Placed[] = [];
    for (let n = 0; n < 3; n++) {
      const isBad = n === where;
      const options = { parent, ...(isBad ? CHEAT : {}) };
      const name = `branch ${where}, block ${n}${isBad ? ", the bad one" : ""}`;
      // The last has more work than what we have: now all of them are looked at.
      const placed =
        n === 2 && isBad
          ? story.bad(name, "consensus: bad-cb-amount", options)
          : story.side(name, options);
      branch.push(placed);
      parent = placed.node;
    }
    story.bad(`branch ${where}: on top of it`, invalid, { parent });
    const bad = branch[where]!;
    story.send(`branch ${where}: the bad one again`, bad.block, cached);
    if (where < 2) story.send(`branch ${where}: the last again`, branch[2]!.block, cached);
    // The blocks before it in the branch are as good as ever.
    if (where === 0) continue;
    let end = branch[where - 1]!.node;
    while (end.height < story.tip.height)
      end = story.side(`branch ${where}: another way`, { parent: end }).node;
    story.good(`branch ${where}: and it wins`, { parent: end });
  }
  return story;
}

/** Coins that are there on one branch only, or spent on one. */
export function coinsOfBranches(): Story {
  const story = new Story("coins of branches");
  const money = story.coin(story.good("the money"));
  const outputs = OUTPUT_KINDS.flatMap(({ script }) => [pay(1_000n, script), pay(1_000n, script)]);
  const made = story.good("outputs of every kind", {
    transactions: [payment({ coins: [money], outputs })],
  });
  const root = story.tip;
  const moves = OUTPUT_KINDS.map((kind, n) =>
    spend(kind, [story.coin(made, 1, 2 * n)], [pay(1_000n, ANYONE)]),
  );
  const spentInA = story.good("A1 spends one of each kind", { transactions: moves, commit: true });
  const a2 = story.good("A2 spends what A1 made", {
    transactions: moves.map((_, n) =>
      unsigned([story.coin(spentInA, n + 1)], [pay(1_000n, ANYONE)]),
    ),
  });
  // On the other branch the same coins go elsewhere.
  const others = OUTPUT_KINDS.map((kind, n) =>
    spend(kind, [story.coin(made, 1, 2 * n)], [pay(999n, ANYONE)]),
  );
  const b1 = story.side("B1 spends the same coins otherwise", {
    parent: root,
    transactions: others,
    commit: true,
  });
  const b2 = story.side("B2", { parent: b1.node });
  const missing = "consensus: bad-txns-inputs-missingorspent";
  const ofA = unsigned([story.coin(a2, 1)], [pay(1n, ANYONE)]);
  story.bad("B3 spends what only A has", missing, { parent: b2.node, transactions: [ofA] });
  story.good("B3", { parent: b2.node });
  story.bad("and again what only A has", missing, { transactions: [ofA] });
  const ofB = unsigned([story.coin(b1, 1)], [pay(1n, ANYONE)]);
  const b4 = story.good("B4 spends what B1 made", { transactions: [ofB] });
  // Back to A: what B spent is there again, what A spent is gone.
  let end = a2.node;
  while (end.height < b4.node.height) end = story.side("A goes on", { parent: end }).node;
  story.good("A wins", { parent: end });
  story.bad("what only B has", missing, { transactions: [ofB] });
  story.bad("what A spent", missing, { transactions: [others[0]!], commit: others[0]!.hasWitness });
  story.good("what only A has", { transactions: [ofA] });
  const untouched = OUTPUT_KINDS.map((kind, n) =>
    spend(kind, [story.coin(made, 1, 2 * n + 1)], [pay(1_000n, ANYONE)]),
  );
  story.good("what neither spent", { transactions: untouched, commit: true });
  return story;
}
