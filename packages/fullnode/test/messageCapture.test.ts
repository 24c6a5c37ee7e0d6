/** Files of captured messages, in the form that Core's own tools read. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Reader } from "@chain/core";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, test } from "vitest";
import { captureMessages } from "../src/node/messageCapture.ts";

const NOW = 1_700_000_000_123;

/** Core: contrib/message-capture/message-capture-parser.py. */
function records(bytes: Uint8Array): readonly (readonly [bigint, string, readonly number[]])[] {
  const reader = new Reader(bytes);
  const found: (readonly [bigint, string, readonly number[]])[] = [];
  while (reader.remaining > 0) {
    const time = reader.u64();
    const name = new TextDecoder().decode(reader.take(12)).replace(/\0+$/, "");
    found.push([time, name, [...reader.take(reader.u32())]]);
  }
  return found;
}

test("each peer has a file for each direction, with time, name and payload", async () => {
  const directory = join(await temporaryDirectory(), "message_capture");
  const capture = captureMessages(directory, { now: () => NOW }, () => {});
  const peer = { host: "127.0.0.1", port: 18444 };
  capture(peer, "received", "ping", Uint8Array.of(1, 2));
  capture(peer, "received", "sendheaders", new Uint8Array());
  capture({ host: "::1", port: 5 }, "sent", "pong", Uint8Array.of(3));
  const microseconds = BigInt(NOW) * 1000n;
  const received = await readFile(join(directory, "127.0.0.1_18444", "msgs_recv.dat"));
  expect(records(received)).toEqual([
    [microseconds, "ping", [1, 2]],
    [microseconds, "sendheaders", []],
  ]);
  const sent = await readFile(join(directory, "[__1]_5", "msgs_sent.dat"));
  expect(records(sent)).toEqual([[microseconds, "pong", [3]]]);
});

test("where a file can't be written, it says so once and the node goes on", async () => {
  const directory = join(await temporaryDirectory(), "message_capture");
  await mkdir(join(directory, ".."), { recursive: true });
  await writeFile(directory, "no folder");
  const lines: string[] = [];
  const capture = captureMessages(
    directory,
    { now: () => NOW },
    (_level, _category, message) => void lines.push(message),
  );
  for (let i = 0; i < 2; i++) {
    capture({ host: "127.0.0.1", port: 1 }, "sent", "verack", new Uint8Array());
  }
  expect(lines).toEqual([expect.stringContaining("messages are captured no more: ")]);
});
