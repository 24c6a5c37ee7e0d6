/** The treatment of bytes by lines. */
import type { ConnectionHandler } from "@chain/engine";
import { settle } from "@chain/testing/time";
import { describe, expect, it } from "vitest";
import { type Host, Network, SeededRandom, SimulationError, VirtualTime } from "../src/index.ts";

const START = 1_700_000_000_000;
const PORT = 8333;

type End = Parameters<Parameters<ReturnType<Network["dialerOf"]>["dial"]>[1]>[0];

/** Two hosts and a connection between them, and what arrives at each end. */
async function line(
  options: { readonly lossRate?: number; readonly upload?: number; readonly latency?: number } = {},
) {
  const { latency = 50, upload = 1_000_000, lossRate = 0 } = options;
  const time = new VirtualTime(START, settle);
  const network = new Network({
    time,
    random: new SeededRandom(1, "line"),
    lossRate,
    latency: () => latency,
  });
  const hosts = ["20.0.0.1", "20.1.0.1"].map((ip) => network.addHost({ ip, upload }));
  const [near, far] = hosts as [Host, Host];
  const ends: End[] = [];
  const heard: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  const said: string[] = [];
  const note = (who: string): ConnectionHandler => ({
    onData: (bytes) => heard.push({ at: time.now() - START, bytes }),
    onDrain: () => said.push(`${who} drains`),
    onClose: (why) => said.push(`${who}: ${why}`),
  });
  const attach = (who: string) => (end: End) => {
    ends.push(end);
    return note(who);
  };
  network.listen(far, PORT, attach("far"));
  const address = { host: far.ip, port: PORT };
  const dial = () => time.during(network.dialerOf(near).dial(address, attach("near")));
  await dial();
  const [farEnd, nearEnd] = ends as [End, End];
  const since = time.now() - START;
  return { time, network, near, far, nearEnd, farEnd, heard, said, dial, since };
}

describe("a line", () => {
  it("takes its time for the distance, and for each byte", async () => {
    const { time, nearEnd, heard, since } = await line({ latency: 50, upload: 10_000 });
    expect(since).toBe(100); // there and back
    nearEnd.write(new Uint8Array(1_000));
    nearEnd.write(new Uint8Array(500));
    await time.pass(1_000);
    expect(heard.map(({ at, bytes }) => [at - since, bytes.length])).toEqual([
      [100 + 50, 1_000],
      [150 + 50, 500],
    ]);
  });

  it("is shared by all connections of a host", async () => {
    const { time, network, near, nearEnd, heard, since } = await line({ upload: 10_000 });
    const other = network.addHost({ ip: "20.2.0.1" });
    network.listen(other, PORT, () => ({
      onData: (bytes) => heard.push({ at: time.now() - START, bytes }),
      onDrain: () => {},
      onClose: () => {},
    }));
    nearEnd.write(new Uint8Array(10_000));
    const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    let end: End | undefined;
    await time.during(
      network.dialerOf(near).dial({ host: other.ip, port: PORT }, (connection) => {
        end = connection;
        return silent;
      }),
    );
    end?.write(new Uint8Array(1_000));
    await time.pass(5_000);
    expect(heard.map(({ at, bytes }) => [at - since, bytes.length])).toEqual([
      [1_050, 10_000],
      [1_150, 1_000],
    ]);
  });

  it("loses nothing and keeps the order, but lost packets cost time", async () => {
    const { time, nearEnd, heard, since } = await line({ lossRate: 0.3 });
    const count = 200;
    for (let n = 0; n < count; n++) nearEnd.write(Uint8Array.of(n));
    await time.pass(60_000);
    expect(heard.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: count }, (_, n) => n));
    const last = (heard.at(-1)?.at ?? 0) - since;
    expect(last).toBeGreaterThanOrEqual(250); // one packet at least was sent again
    expect(() => new Network({ time, random: new SeededRandom(1, ""), lossRate: 1 })).toThrow(
      SimulationError,
    );
  });

  it("asks a writer to hold back, and says when it may go on", async () => {
    const { time, nearEnd, farEnd, said } = await line();
    farEnd.setReading(false);
    expect(nearEnd.write(new Uint8Array(900_000))).toBe(true);
    expect(nearEnd.write(new Uint8Array(200_000))).toBe(false);
    await time.pass(60_000);
    expect(said).toEqual([]);
    farEnd.setReading(true);
    await time.pass(1_000);
    expect(said).toEqual(["near drains"]);
    expect(nearEnd.write(new Uint8Array(1))).toBe(true);
  });

  it("brings what was written before the end", async () => {
    const { time, nearEnd, heard, said } = await line();
    nearEnd.write(new Uint8Array(7));
    nearEnd.close();
    nearEnd.write(new Uint8Array(9));
    await time.pass(1_000);
    expect(heard.map(({ bytes }) => bytes.length)).toEqual([7]);
    expect(said).toEqual(["near: closed", "far: the other side closed"]);
  });
});

describe("a cut", () => {
  it("holds up what is on the way, until it is healed", async () => {
    const { time, network, near, far, nearEnd, heard, said } = await line();
    nearEnd.write(Uint8Array.of(1));
    network.partition([[near], [far]]);
    nearEnd.write(Uint8Array.of(2));
    await time.pass(60_000);
    expect(heard).toEqual([]);
    network.heal();
    nearEnd.write(Uint8Array.of(3));
    await time.pass(200_000);
    expect(heard.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
    expect(said).toEqual([]);
  });

  it("ends connections that it lasts longer than, and lets no call through", async () => {
    const { time, network, near, far, said, dial } = await line();
    network.partition([[near]]);
    await expect(dial()).rejects.toMatchObject({ code: "unreachable", message: "no answer" });
    await time.pass(120_000);
    expect(said.sort()).toEqual(["far: connection timed out", "near: connection timed out"]);
    expect([network.linksOf(near).size, network.linksOf(far).size]).toEqual([0, 0]);
    network.heal();
    await dial();
    expect(network.linksOf(near).size).toBe(1);
  });

  it("is not between those of one group", async () => {
    const { time, network, near, far, nearEnd, heard } = await line();
    const third = network.addHost({ ip: "20.9.0.1" });
    network.partition([[near, far], [third]]);
    nearEnd.write(Uint8Array.of(1));
    await time.pass(1_000);
    expect(heard).toHaveLength(1);
  });
});

describe("a call", () => {
  it("is refused where nobody listens, and not answered where nobody is", async () => {
    const { time, network, near, far } = await line();
    const silent = () => ({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
    const call = (host: string, port: number) =>
      time.during(network.dialerOf(near).dial({ host, port }, silent));
    await expect(call(far.ip, 1)).rejects.toMatchObject({ message: "connection refused" });
    await expect(call("9.9.9.9", PORT)).rejects.toMatchObject({ message: "no answer" });
  });
});

describe("virtual time", () => {
  it("goes through events in order, and forgets those that were cancelled", async () => {
    const time = new VirtualTime(START, settle);
    const seen: number[] = [];
    const random = new SeededRandom(9, "order");
    const cancels = Array.from({ length: 500 }, (_, n) => {
      const wait = random.below(50);
      return [n, time.after(wait, () => seen.push(wait * 1_000 + n))] as const;
    });
    for (const [n, cancel] of cancels) if (n % 3 === 0) cancel();
    await time.pass(100);
    expect(seen).toHaveLength(333);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(time.now()).toBe(START + 100);
  });

  it("lets promises go on before it passes", async () => {
    const time = new VirtualTime(START, settle);
    const seen: string[] = [];
    const slowly = async () => {
      for (let n = 0; n < 10; n++) await undefined;
      seen.push("promise");
    };
    time.after(1, () => void slowly());
    time.after(2, () => seen.push("timer"));
    await time.pass(10);
    expect(seen).toEqual(["promise", "timer"]);
  });

  it.each([
    [false, ["first", "second", "promise"]],
    [true, ["first", "promise", "second"]],
  ])(
    "lets promises go on between callbacks of the same time only if told: %s",
    async (oneByOne, order) => {
      const time = new VirtualTime(START, settle, oneByOne);
      const seen: string[] = [];
      time.after(1, () => {
        seen.push("first");
        void Promise.resolve().then(() => seen.push("promise"));
      });
      time.after(1, () => seen.push("second"));
      await time.pass(10);
      expect(seen).toEqual(order);
    },
  );

  it("ends the wait for what never comes", async () => {
    const time = new VirtualTime(START, settle);
    const endless = () => time.after(1_000, endless);
    endless();
    await expect(time.until("doomsday", () => false, 10_000)).rejects.toMatchObject({
      code: "never",
    });
  });
});
