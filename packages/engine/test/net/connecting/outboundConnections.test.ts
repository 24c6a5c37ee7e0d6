import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { NODE_NETWORK, NODE_WITNESS } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import { at } from "../../support/addresses.ts";

const MINUTE = 60_000;

describe("a call that is answered too late", () => {
  it("comes to nothing, and is made again after the next start", async () => {
    const network = new TestNetwork();
    const called = await network.add("called");
    const answers: (() => void)[] = [];
    const { dialer } = network;
    const dial = dialer.dial.bind(dialer);
    dialer.dial = (address, attach) =>
      new Promise((resolve) => {
        answers.push(() => resolve(dial(address, attach)));
      });
    const { node } = await network.add("caller", { connect: [called.address] });
    expect(answers).toHaveLength(1);
    await network.during(node.stop());
    answers.shift()?.();
    await network.time.pass(1_000);
    expect([node.peers(), called.node.peers()]).toEqual([[], []]);
    node.start();
    await network.time.until("the next call", () => answers.length > 0, 10_000);
    answers.shift()?.();
    await network.time.until("they talk", () => called.node.peers()[0]?.ready === true);
    await network.during(node.stop());
  });
});

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

  it("keeps one connection between two, whoever calls", async () => {
    const { network, nodes } = await build(5);
    const others = nodes.map(({ node }) => node);
    const pairs = () => others.flatMap((node) => node.peers().filter(({ ready }) => ready)).length;
    // Ten pairs of five, each seen from both ends.
    await network.time.until("all know all", () => pairs() === 20);
    await network.time.pass(5 * MINUTE);
    expect(pairs()).toBe(20);
    for (const node of others) await network.during(node.stop());
  });

  it.each([
    [3000, 3000],
    [3000, 3001],
    [10_000, 3000],
  ])("keeps one of two calls that cross, on ports %i and %i", async (...ports) => {
    const network = new TestNetwork({ seed: 11 });
    const books = ports.map((_, n) => new AddressBook(new Rng(n)));
    const nodes: TestNode[] = [];
    for (const [n, port] of ports.entries()) {
      nodes.push(
        await network.add(`node${n}`, { host: `20.${n}.0.1`, port, addressBook: books[n]! }),
      );
    }
    const calls: boolean[] = [];
    for (const { node } of nodes) {
      node.subscribe((event) => {
        if (event.type === "peer-connected") calls.push(event.inbound);
      });
    }
    for (const [n, book] of books.entries()) {
      const { host, port } = nodes[1 - n]!.address;
      const time = Math.floor(network.time.now() / 1000);
      const services = NODE_NETWORK | NODE_WITNESS;
      book.add([{ ...at(host, port), services, time }], at(host).ip, network.time.now());
    }
    await network.time.pass(MINUTE);
    expect(calls.sort()).toEqual([false, false, true, true]); // each has called, and was called
    const peers = nodes.map(({ node }) => node.peers());
    expect(peers.map(({ length }) => length)).toEqual([1, 1]);
    expect(peers.flat().filter(({ inbound }) => inbound)).toHaveLength(1);
    for (const { node } of nodes) await network.during(node.stop());
  });
});
