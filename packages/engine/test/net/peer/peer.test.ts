import type { Session } from "@chain/wire";
import { describe, expect, it } from "vitest";
import { CpuTimeBudget } from "../../../src/net/peer/cpuTimeBudget.ts";
import { Peer, type PeerKind } from "../../../src/net/peer/peer.ts";

function setUp(options: { kind?: PeerKind; listensOn?: number } = {}) {
  const { kind = "inbound", listensOn = 0 } = options;
  const readings: boolean[] = [];
  let takesAll = true;
  const peer = new Peer({
    id: 1,
    kind,
    connection: {
      remote: { host: "10.0.0.9", port: 50_000 },
      write: () => takesAll,
      setReading: (reading) => readings.push(reading),
      close: () => {},
    },
    session: { peer: { services: 9n, listensOn } } as Session,
    nonce: 1n,
    cpuTime: new CpuTimeBudget(0),
    connectedAt: 0,
  });
  const setTakesAll = (value: boolean) => {
    takesAll = value;
  };
  return { peer, readings, setTakesAll };
}

describe("Peer", () => {
  it("that called can be called at the port that it says it listens on", () => {
    const caller = setUp({ listensOn: 18_444 }).peer;
    expect(caller.netAddress).toMatchObject({ port: 50_000, services: 9n });
    expect(caller.reachableAt.port).toBe(18_444);
    expect(setUp().peer.reachableAt.port).toBe(50_000);
    expect(setUp({ kind: "outbound", listensOn: 18_444 }).peer.reachableAt.port).toBe(50_000);
  });

  it("is read no more where five million bytes have come while it does not read", () => {
    const { peer, readings, setTakesAll } = setUp();
    peer.arrived(9_000_000); // it reads
    setTakesAll(false);
    peer.write(new Uint8Array(10));
    peer.arrived(4_999_999);
    expect([peer.blocked, readings]).toEqual([true, []]);
    peer.arrived(1);
    expect(readings).toEqual([false]);
    setTakesAll(true);
    peer.drained();
    expect([peer.blocked, readings]).toEqual([false, [false, true]]);
    expect([peer.bytesReceived, peer.bytesSent]).toEqual([14_000_000, 10]);
  });

  it("is not read while its bytes wait for its turn, which come back in order", () => {
    const { peer, readings } = setUp();
    const [first, second] = [Uint8Array.of(1), Uint8Array.of(2)];
    peer.hold(first);
    peer.hold(second);
    expect([peer.isHolding, peer.isIdle, readings]).toEqual([true, false, [false]]);
    expect([peer.nextHeld(), peer.nextHeld(), peer.nextHeld()]).toEqual([first, second, undefined]);
    expect([peer.isHolding, peer.isIdle, readings]).toEqual([false, true, [false, true]]);
  });

  it("lets those that wait for it go on when it drains, and when it ends", async () => {
    const { peer, setTakesAll } = setUp();
    await peer.writable();
    setTakesAll(false);
    const order: string[] = [];
    const wait = async () => {
      peer.write(new Uint8Array(1));
      await peer.writable();
      order.push("on");
    };
    const first = wait();
    peer.drained();
    await first;
    const second = wait();
    order.push("closing");
    peer.close();
    await second;
    expect(order).toEqual(["on", "closing", "on"]);
    await peer.pause({ after: () => () => {} }); // at once: no timer fires here
  });

  it("takes and keeps nothing after its end", () => {
    const { peer, readings } = setUp();
    peer.hold(Uint8Array.of(1));
    peer.close();
    peer.hold(Uint8Array.of(2));
    peer.push({ type: "message", message: { command: "verack" } });
    peer.write(new Uint8Array(5));
    expect([peer.isIdle, peer.bytesSent, readings]).toEqual([true, 0, [false]]);
  });
});
