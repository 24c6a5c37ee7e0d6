import { MINER, makeBlock, payment, TestChain } from "@chain/testing/blockFactory";
import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { Stranger } from "@chain/testing/stranger";
import { MSG_BLOCK, MSG_WTX, NODE_NETWORK, NODE_WITNESS, netAddress } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { at, heard, NOW } from "../../support/addresses.ts";

const MINUTE = 60_000;

const source = at("9.9.9.9").ip;

describe("a network", () => {
  async function build(count: number): Promise<{ network: TestNetwork; nodes: TestNode[] }> {
    const network = new TestNetwork({ seed: 7 });
    const nodes: TestNode[] = [];
    for (let n = 0; n < count; n++) {
      const addressBook = new AddressBook(new Rng(100 + n));
      const central = nodes[0];
      nodes.push(
        await network.add(`node${n}`, {
          host: `20.${n}.0.1`,
          addressBook,
          ...(central === undefined ? {} : { connect: [central.address] }),
        }),
      );
    }
    return { network, nodes };
  }

  it("that began with one node whom all know goes on without it", async () => {
    const { network, nodes } = await build(6);
    const ready = ({ node }: TestNode) => node.peers().filter((peer) => peer.ready).length;
    const [central, ...others] = nodes as [TestNode, ...TestNode[]];
    await network.time.until("all know several", () => others.every((node) => ready(node) >= 3));
    await network.during(network.kill(central));
    const [first, last] = [others[0] as TestNode, others.at(-1) as TestNode];
    const block = makeBlock({
      parent: first.chain.tip,
      params: network.params,
      header: { time: Math.floor(network.time.now() / 1000) },
    });
    await network.during(first.node.submitBlock(block));
    await network.time.until("all have the block", () =>
      others.every(({ chain }) => chain.tip.hash === block.hash),
    );
    // A newcomer who knows but one of them finds the others.
    const late = await network.add("late", {
      host: "20.99.0.1",
      addressBook: new AddressBook(new Rng(999)),
      connect: [last.address],
    });
    await network.time.until("it knows several", () => ready(late) >= 3);
    await network.time.until(
      "it has the chain",
      () => late.chain.tip.hash === first.chain.tip.hash,
    );
    for (const { log } of nodes) expect(log.filter((line) => line.startsWith("error"))).toEqual([]);
    for (const { node } of [...others, late]) await network.during(node.stop());
  });

  it("does not choose whom it was told to call, not even as one of the last run", async () => {
    const network = new TestNetwork();
    const first = await network.add("first", { host: "20.1.0.1" });
    const services = NODE_NETWORK | NODE_WITNESS;
    const address = netAddress(first.address.host, first.address.port, services);
    const addressBook = new AddressBook(new Rng(1));
    const time = Math.floor(network.time.now() / 1000);
    addressBook.add([{ ...address, time }], source, network.time.now());
    const second = await network.add("second", {
      host: "20.2.0.1",
      connect: [first.address],
      anchors: [address],
      addressBook,
    });
    await network.time.pass(MINUTE);
    expect(second.node.peers().map(({ kind }) => kind)).toEqual(["manual"]);
    for (const { node } of [first, second]) await network.during(node.stop());
  });

  it("has connections for blocks alone, on which no transaction and no address travels", async () => {
    const network = new TestNetwork();
    const addressBook = new AddressBook(new Rng(1));
    const strangers: Stranger[] = [];
    for (let n = 0; n < 12; n++) {
      const address = { host: `20.${n}.0.1`, port: 8333 };
      network.listen(address, (connection) => {
        const stranger = new Stranger(network, "inbound");
        strangers.push(stranger);
        network.time.after(0, () => stranger.open(connection));
        return stranger.handler;
      });
      const { ip } = at(address.host);
      const services = NODE_NETWORK | NODE_WITNESS;
      addressBook.add([{ ...heard(address.host), services }], ip, NOW);
    }
    const source = new TestChain(network.params);
    const node = await network.add("node", { host: "30.0.0.1", addressBook });
    const now = () => ({ header: { time: Math.floor(network.time.now() / 1000) } });
    await network.during(node.chain.acceptBlock(source.mine(now()), { requested: true }));
    await network.time.until("all places are taken", () => node.node.peers().length === 10);
    await network.time.pass(1_000);
    const kinds = node.node.peers().map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "block-relay")).toHaveLength(2);
    const quiet = strangers.filter(({ peer }) => peer?.relay === false);
    expect(quiet).toHaveLength(2);

    const paid = payment({
      coins: [source.coinbaseCoin(1)],
      key: MINER,
      outputs: [{ value: 1n, scriptPubKey: MINER.script }],
    });
    expect((await network.during(node.node.submitTransaction(paid))).ok).toBe(true);
    const next = source.mine(now());
    await network.time.pass(20_000);
    await network.during(node.node.submitBlock(next));
    await network.time.pass(1_000);
    const heardOf = (stranger: Stranger, command: string) =>
      stranger.received.some((message) => message.command === command);
    for (const stranger of quiet) {
      expect(
        ["addr", "addrv2", "getaddr", "feefilter"].filter((c) => heardOf(stranger, c)),
      ).toEqual([]);
      const inventories = stranger.received.filter((message) => message.command === "inv");
      expect(inventories).toMatchObject([{ items: [{ type: MSG_BLOCK, hash: next.hash }] }]);
    }
    const others = strangers.filter((stranger) => !quiet.includes(stranger) && stranger.ready);
    for (const stranger of others) expect(heardOf(stranger, "getaddr")).toBe(true);
    // A peer that tells of transactions all the same is disconnected.
    const [first, second] = quiet as [Stranger, Stranger];
    first.say({ command: "inv", items: [{ type: MSG_WTX, hash: paid.wtxid }] });
    second.say({ command: "tx", transaction: paid });
    await first.isDropped();
    await second.isDropped();
  });

  it("looks for somebody else where all its peers keep the blocks from it", async () => {
    const network = new TestNetwork();
    const addressBook = new AddressBook(new Rng(1));
    const services = NODE_NETWORK | NODE_WITNESS;
    for (let n = 0; n < 10; n++) {
      const address = { host: `20.${n}.0.1`, port: 8333 };
      network.listen(address, (connection) => {
        const liar = new Stranger(network, "inbound");
        liar.onMessage = ({ command }) => {
          if (command === "getheaders") liar.say({ command: "headers", headers: [] });
        };
        network.time.after(0, () => liar.open(connection));
        return liar.handler;
      });
      addressBook.add([{ ...heard(address.host), services }], at(address.host).ip, NOW);
    }
    const node = await network.add("node", { host: "30.0.0.1", addressBook });
    await network.time.until("all places are taken", () => node.node.peers().length === 10);
    const honest = await network.add("honest", { host: "40.0.0.1" });
    const block = makeBlock({ parent: honest.chain.tip, params: network.params });
    await network.during(honest.chain.acceptBlock(block, { requested: true }));
    const { host, port } = honest.address;
    addressBook.add([{ ...heard(host, port), services }], at(host).ip, network.time.now());
    // A feeler may find it before, but does not stay.
    await network.time.until(
      "it has the block",
      () => node.chain.tip.hash === block.hash,
      60 * MINUTE,
    );
    await network.time.pass(10 * MINUTE);
    const kept = node.node.peers().filter(({ kind }) => kind === "outbound");
    expect(kept.map(({ address }) => address.host)).toContain(host);
    expect(kept.length).toBe(8);
  });
});
