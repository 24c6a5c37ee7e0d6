import type { Connection, ConnectionHandler } from "@chain/engine";
import { expect, test } from "vitest";
import { link } from "../src/inProcess/link.ts";

/** One end that notes what it hears. */
class End implements ConnectionHandler {
  connection!: Connection;
  bytes = 0;
  drained = 0;
  why: string[] = [];
  readonly address: { readonly host: string; readonly port: number };
  #look: () => void = () => {};

  constructor(port: number) {
    this.address = { host: "127.0.0.1", port };
  }

  attach = (connection: Connection): ConnectionHandler => {
    this.connection = connection;
    return this;
  };

  onData(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#look();
  }

  onDrain(): void {
    this.drained++;
    this.#look();
  }

  onClose(why: string): void {
    this.why.push(why);
    this.#look();
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (holds()) resolve();
      };
      this.#look();
    });
  }
}

function pair(): [End, End] {
  const [near, far] = [new End(1), new End(2)];
  link(near, far);
  expect([near.connection.remote.port, far.connection.remote.port]).toEqual([2, 1]);
  return [near, far];
}

test("what was written before the end arrives, and each side hears of the end once", async () => {
  const [near, far] = pair();
  near.connection.write(new Uint8Array(10));
  near.connection.close();
  near.connection.close();
  near.connection.write(new Uint8Array(10));
  await far.until(() => far.why.length > 0);
  expect({ bytes: far.bytes, why: far.why }).toEqual({
    bytes: 10,
    why: ["the peer closed the connection"],
  });
  await near.until(() => near.why.length > 0);
  expect(near.why).toEqual(["closed by us"]);
});

test("a writer is asked to hold back while the other side does not read, and told when it may go on", async () => {
  const [near, far] = pair();
  far.connection.setReading(false);
  const MIB = new Uint8Array(1024 * 1024);
  expect(near.connection.write(MIB.subarray(1))).toBe(true);
  expect(near.connection.write(MIB)).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
  expect([far.bytes, near.drained]).toEqual([0, 0]);
  far.connection.setReading(true);
  await near.until(() => near.drained === 1);
  expect(far.bytes).toBe(2 * MIB.length - 1);
});

test("a side that does not read learns of the end all the same", async () => {
  const [near, far] = pair();
  far.connection.setReading(false);
  near.connection.write(new Uint8Array(5));
  near.connection.close();
  await far.until(() => far.why.length > 0);
  expect(far.why).toEqual(["the peer closed the connection"]);
});
