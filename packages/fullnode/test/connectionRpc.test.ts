/** Addresses and connections that a test gives a node, as Core's functional tests do. */
import { createServer } from "node:net";
import { hello, Probe } from "@chain/testing/probe";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Driven, drive } from "./support/rpc.ts";

/** Somebody to call, who hands out the other ends of the connections. */
async function listener() {
  const waiting: ((probe: Probe) => void)[] = [];
  const server = createServer((socket) => {
    const probe = Probe.of(socket);
    onTestFinished(() => probe.end());
    waiting.shift()?.(probe);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new TypeError("it does not listen");
  const next = () => new Promise<Probe>((resolve) => waiting.push(resolve));
  return { address: `127.0.0.1:${bound.port}`, next };
}

async function add({ rpc }: Driven, connection_type: string) {
  const { address, next } = await listener();
  const called = next();
  const result = await rpc.call("addconnection", { address, connection_type });
  const probe = await called;
  await probe.hears("version");
  return { result, address, probe };
}

function answer(probe: Probe): void {
  probe.say(hello(), { command: "wtxidrelay" }, { command: "sendaddrv2" }, { command: "verack" });
}

describe("addpeeraddress", () => {
  it("adds to the new, or to the tried", async () => {
    const { rpc, node } = await drive();
    const { addressBook } = node.node;
    const put = (address: string, tried?: boolean, port = 8333) =>
      rpc.call("addpeeraddress", { address, port, ...(tried !== undefined && { tried }) });
    expect(await put("1.2.3.4")).toEqual({ success: true });
    expect([addressBook.size, addressBook.triedCount]).toEqual([1, 0]);
    expect(await put("1.2.3.4", true)).toEqual({ success: false, error: "failed-adding-to-new" });
    expect(await put("2.2.3.4", true)).toEqual({ success: true });
    expect([addressBook.size, addressBook.triedCount]).toEqual([2, 1]);
    expect(await put("2a00::1")).toEqual({ success: true });
    expect(await put("not an address")).toEqual({ success: false });
    for (const address of ["224.0.0.1", "127.0.0.1", "10.1.1.1", "192.168.1.1", "fe80::1"]) {
      expect(await put(address), address).toMatchObject({ success: false });
    }
    expect(await put("3.2.3.4", false, 0)).toMatchObject({ success: false });
    for (const port of [-1, 65_536, 1.5]) {
      await expect(put("1.1.1.1", false, port)).rejects.toMatchObject({ code: -1 });
    }
    const known = await rpc.call("getnodeaddresses", { count: 0 });
    expect(known.map(({ address }) => address).sort()).toEqual(["1.2.3.4", "2.2.3.4", "2a00::1"]);
    expect(known[0]).toMatchObject({ port: 8333, services: 9 });
  });

  it("says where another has the place among the tried", async () => {
    const { rpc } = await drive();
    const errors = new Set<string | undefined>();
    // Of one group there are eight buckets of 64 places: some of these must meet.
    for (let n = 1; n < 250 && !errors.has("failed-adding-to-tried"); n++) {
      const params = { address: `7.7.7.${n}`, port: 8333, tried: true };
      errors.add((await rpc.call("addpeeraddress", params)).error);
    }
    expect(errors).toContain("failed-adding-to-tried");
  });
});

describe("addconnection", () => {
  it.each(["outbound-full-relay", "block-relay-only"])("calls to stay: %s", async (type) => {
    const driven = await drive();
    const { result, address, probe } = await add(driven, type);
    expect(result).toEqual({ address, connection_type: type });
    answer(probe);
    await probe.hears("getheaders");
    await probe.isAlive();
    const relays = type === "outbound-full-relay";
    const version = probe.heard.find(({ command }) => command === "version");
    expect(version).toMatchObject({ relay: relays });
    expect(probe.count("getaddr")).toBe(relays ? 1 : 0);
    expect(await driven.rpc.call("getpeerinfo")).toMatchObject([
      { connection_type: type, inbound: false, addr: address, addr_relay_enabled: relays },
    ]);
  });

  it("parts with a feeler when it has answered", async () => {
    const driven = await drive();
    const { probe } = await add(driven, "feeler");
    expect(await driven.rpc.call("getpeerinfo")).toMatchObject([{ connection_type: "feeler" }]);
    const version = probe.heard.find(({ command }) => command === "version");
    expect(version).toMatchObject({ relay: false });
    probe.say(hello());
    expect(await probe.until("the end", () => probe.closed)).toBe("so");
    expect(probe.heard.map(({ command }) => command)).toEqual([
      "version",
      "wtxidrelay",
      "sendaddrv2",
      "verack",
    ]);
  });

  it("asks for addresses, and parts when they have come", async () => {
    const driven = await drive();
    const { probe } = await add(driven, "addr-fetch");
    answer(probe);
    await probe.hears("getaddr");
    expect(await driven.rpc.call("getpeerinfo")).toMatchObject([{ connection_type: "addr-fetch" }]);
    const time = Math.floor(Date.now() / 1000);
    const ips = [1, 2].map((n) => Uint8Array.of(...new Uint8Array(10), 255, 255, 20, n, 0, 1));
    const addresses = ips.map((ip) => ({ ip, port: 8333, services: 9n, time }));
    probe.say({ command: "addr", addresses });
    expect(await probe.until("the end", () => probe.closed)).toBe("so");
    expect(driven.node.node.addressBook.size).toBe(2);
  });

  it("has a limit", async () => {
    const driven = await drive();
    for (let n = 0; n < 2; n++) await add(driven, "block-relay-only");
    await expect(add(driven, "block-relay-only")).rejects.toMatchObject({
      code: -34,
      message: "Error: Already at capacity for specified connection type.",
    });
    await add(driven, "outbound-full-relay");
  });

  it("says what is wrong", async () => {
    const { rpc } = await drive();
    const address = "127.0.0.1:1";
    const type = { connection_type: "feeler" };
    const wrong: readonly (readonly [object, number])[] = [
      [{ address, connection_type: "manual" }, -8],
      [{ address, ...type, v2transport: true }, -8],
      [{ address }, -1],
    ];
    for (const [params, code] of wrong) {
      await expect(rpc.call("addconnection", { ...params })).rejects.toMatchObject({ code });
    }
    // Nobody there: that shows in the peers, not in the answer. Core does so, too.
    expect(await rpc.call("addconnection", { address, ...type })).toMatchObject({ address });
    expect(await rpc.call("getpeerinfo")).toEqual([]);
  });
});
