import { Rng } from "@chain/testing/random";
import type { NetAddress } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { AddressBook } from "../../../src/net/connecting/addressBook.ts";
import {
  type Call,
  type Contact,
  OutboundSlots,
} from "../../../src/net/connecting/outboundSlots.ts";
import { groupOf, keyOf } from "../../../src/net/kit/addresses.ts";
import { at, heard, NOW } from "../../support/addresses.ts";

const MINUTE = 60_000;

const source = at("9.9.9.9").ip;

describe("Outbound", () => {
  function setUp(
    options: { anchors?: NetAddress[]; mayCall?: (address: NetAddress) => boolean } = {},
  ) {
    const random = new Rng(5);
    const book = new AddressBook(random);
    const { anchors = [], mayCall = () => true } = options;
    return { book, outbound: new OutboundSlots(book, random, { anchors, mayCall }) };
  }
  const contact = ({ address, kind }: Call): Contact => ({ address, inbound: false, kind });

  it("fills eight places, and two for blocks alone, from networks that differ", () => {
    const { book, outbound } = setUp();
    const many = Array.from({ length: 400 }, (_, n) => `20.${n % 20}.1.${n >> 4}`);
    book.add(
      many.map((host) => heard(host)),
      source,
      NOW,
    );
    const contacts: Contact[] = [];
    for (let round = 0; round < 20; round++) {
      const calls = outbound.due(contacts, NOW + round);
      for (const call of calls) {
        outbound.answered(call.address, NOW);
        contacts.push(contact(call));
      }
    }
    const [all, alone] = [Array(8).fill("outbound"), Array(2).fill("block-relay")];
    expect(contacts.map(({ kind }) => kind)).toEqual([...all, ...alone]);
    expect(new Set(contacts.map(({ address }) => groupOf(address))).size).toBe(10);
    // One more, where that is asked for.
    const [extra] = outbound.due(contacts, NOW + 30_000, 1);
    expect(extra?.kind).toBe("outbound");
    outbound.failed((extra as Call).address, NOW + 30_000);
    // Now and then it finds out whether a new one works.
    const [feeler] = outbound.due(contacts, NOW + 60 * MINUTE);
    expect(feeler?.kind).toBe("feeler");
    expect(contacts.map(({ address }) => keyOf(address))).not.toContain(keyOf(feeler!.address));
  });

  it("waits ever longer for one that fails, and calls nobody it may not", () => {
    const { book, outbound } = setUp({ mayCall: ({ port }) => port !== 6666 });
    book.add([heard("20.0.0.1"), heard("20.1.0.1", 6666)], source, NOW);
    const waits: number[] = [];
    let now = NOW;
    for (let round = 0; round < 5; round++) {
      const began = now;
      let calls: readonly Call[] = [];
      while (calls.length === 0) {
        now += 500;
        calls = outbound.due([], now);
      }
      expect(calls.map(({ address }) => address.port)).toEqual([8333]);
      expect(outbound.due([], now)).toEqual([]); // while it is called
      outbound.failed(at("20.0.0.1"), now);
      waits.push(now - began);
    }
    for (const [n, wait] of waits.slice(1).entries()) {
      expect(wait).toBeGreaterThanOrEqual(5_000 * 2 ** n);
    }
  });

  it("calls ports of other services only where there is nothing else", () => {
    const { book, outbound } = setUp();
    const bad = [22, 25, 79, 3306, 6667, 27_017].map((port, n) => heard(`20.${n}.0.1`, port));
    book.add([...bad, heard("21.0.0.1", 80)], source, NOW);
    const ports = outbound.due([], NOW).map(({ address }) => address.port);
    // Fifty draws bring up the good one; for the next place all that is left is bad.
    expect(ports[0]).toBe(80);
    expect(ports.length).toBeGreaterThan(1);
  });

  it("goes back to its anchors first", () => {
    const anchors = [at("40.0.0.1"), at("41.0.0.1"), at("42.0.0.1")];
    const { outbound } = setUp({ anchors });
    expect(outbound.due([], NOW).map(({ address }) => keyOf(address))).toEqual(
      anchors.slice(0, 2).map(keyOf),
    );
  });
});
