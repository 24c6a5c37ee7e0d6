import { TestNetwork, type TestNode } from "@chain/testing/network";
import { Rng } from "@chain/testing/random";
import { parseIp } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import type { PeerAddress } from "../../../src/ports.ts";

const PORT = 4000;

const at = (host: string): PeerAddress => ({ host, port: PORT });

/** Somebody at 10.0.0.9, which has several names, and a list of the connections that come to it. */
async function somebody() {
  const network = new TestNetwork();
  network.names.set("name", ["10.0.0.9"]);
  network.names.set("alias", ["10.0.0.9"]);
  network.names.set("several", ["fd00::1", "10.0.0.8", "10.0.0.9"]);
  network.names.set("nowhere", []);
  const peer = await network.add("peer", { host: "10.0.0.9", port: PORT });
  return { network, peer, calls: () => peer.node.peers().length };
}

const hostsOf = ({ node }: TestNode) => node.peers().map(({ address }) => address.host);

describe("one connection to one address", () => {
  for (const names of [
    ["name", "10.0.0.9"],
    ["10.0.0.9", "name"],
    ["name", "alias"],
    ["name", "NAME", "several"],
    ["10.0.0.9", "::ffff:10.0.0.9", "::ffff:a00:9"],
    ["several", "name", "10.0.0.9"],
  ]) {
    it(`that is to be kept to ${names.join(", ")}`, async () => {
      const { network, calls } = await somebody();
      network.names.set("NAME", ["10.0.0.9"]);
      const node = await network.add("node", { connect: names.map(at) });
      await network.time.until("a connection", () => calls() > 0);
      await network.time.pass(200_000);
      expect(calls()).toBe(1);
      expect(node.node.peers()).toHaveLength(1);
    });

    it(`though it is called once each as ${names.join(", ")}`, async () => {
      const { network, calls } = await somebody();
      network.names.set("NAME", ["10.0.0.9"]);
      const { node } = await network.add("node");
      for (const name of names) {
        await network.during(node.callOnce(at(name)));
        await network.during(node.callAs("outbound", at(name)));
        node.addPeer(at(name));
        await network.time.pass(5_000);
      }
      expect(calls()).toBe(1);
    });
  }

  it("that was called from the address book", async () => {
    const { network, calls } = await somebody();
    const random = new Rng(3);
    const addressBook = new AddressBook(random);
    const ip = parseIp("10.0.0.9") as Uint8Array;
    const now = network.time.now();
    addressBook.add([{ ip, port: PORT, services: 9n, time: now / 1000 }], ip, now);
    const node = await network.add("node", { addressBook });
    await network.time.until("a connection", () => calls() > 0);
    node.node.addPeer(at("name"));
    await network.time.pass(200_000);
    expect(calls()).toBe(1);
  });

  it("and to the book none, while a name of it is connected", async () => {
    const { network, calls } = await somebody();
    const random = new Rng(3);
    const addressBook = new AddressBook(random);
    const node = await network.add("node", { addressBook, connect: [at("name")] });
    await network.time.until("a connection", () => calls() > 0);
    const ip = parseIp("10.0.0.9") as Uint8Array;
    const now = network.time.now();
    addressBook.add([{ ip, port: PORT, services: 9n, time: now / 1000 }], ip, now);
    await network.time.pass(200_000);
    expect(hostsOf(node)).toEqual(["name"]);
    expect(calls()).toBe(1);
  });

  it("but two to two addresses of one machine", async () => {
    const { network } = await somebody();
    await network.add("other", { host: "10.0.0.8", port: PORT });
    const node = await network.add("node", { connect: [at("name"), at("10.0.0.8")] });
    await network.time.until("both", () => node.node.peers().length === 2);
  });

  it("by another name again, once the first has ended", async () => {
    const { network, calls } = await somebody();
    const node = await network.add("node", { connect: [at("name"), at("10.0.0.9")] });
    await network.time.until("a connection", () => calls() === 1);
    const [first] = hostsOf(node);
    node.node.removePeer(at(first as string));
    for (const { id } of node.node.peers()) node.node.disconnect(id, "enough");
    await network.time.until("another", () => node.node.peers().length === 1);
    expect(hostsOf(node)).not.toEqual([first]);
  });
});

describe("a name", () => {
  it("is called at its addresses, one after the other", async () => {
    const { network, calls } = await somebody();
    const node = await network.add("node", { connect: [at("several")] });
    await network.time.until("a connection", () => calls() === 1);
    const [peer] = node.node.peers();
    expect(peer?.address).toEqual(at("several"));
    expect(peer?.netAddress.ip).toEqual(parseIp("10.0.0.9"));
    expect(node.node.ban("10.0.0.9")).toBeDefined();
    expect(node.node.peers()).toEqual([]);
  });

  it("that leads nowhere is called again and again", async () => {
    const { network } = await somebody();
    const node = await network.add("node", { connect: [at("nowhere"), at("unheard-of")] });
    await network.time.pass(5_000);
    for (const name of ["nowhere", "unheard-of"]) {
      const lines = node.log.filter((line) => line.includes(`${name}:${PORT}: no such host`));
      expect(lines.length).toBeGreaterThan(1);
    }
  });
});
