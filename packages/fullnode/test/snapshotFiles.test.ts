/** Files of snapshots: what callers may name, and when. */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, test } from "vitest";
import { snapshotFiles } from "../src/rpc/snapshotFiles.ts";

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

test("a file is written by one caller at a time", async () => {
  const directory = await temporaryDirectory();
  const files = snapshotFiles(directory);
  const path = join(directory, "utxo.dat");
  const [first, second] = await Promise.all([files.create("utxo.dat"), files.create(path)]);
  expect(second).toEqual({ type: "unwritable", path: `${path}.incomplete` });
  if (first.type !== "created") expect.unreachable();
  await first.close();
  // One that gave up is in nobody's way.
  const third = await files.create("utxo.dat");
  if (third.type !== "created") expect.unreachable();
  await third.write(pieces("whole ", "file"));
  await third.close();
  expect(await readFile(path, "utf8")).toBe("whole file");
  expect(await files.create("utxo.dat")).toEqual({ type: "exists", path });
  for (let tries = 0; tries < 2; tries++) {
    const missing = join(directory, "no", "utxo.dat");
    expect(await files.create(missing)).toMatchObject({ type: "unwritable" });
  }
});

test("only a file can be opened", async () => {
  const directory = await temporaryDirectory();
  const files = snapshotFiles(directory);
  expect(await files.open("none")).toBeUndefined();
  expect(await files.open(".")).toBeUndefined();
  await writeFile(join(directory, "utxo.dat"), "bytes");
  const opened = await files.open("utxo.dat");
  if (opened === undefined) expect.unreachable();
  const read: Uint8Array[] = [];
  for await (const piece of opened.bytes) read.push(piece);
  expect(Buffer.concat(read).toString()).toBe("bytes");
  await opened.close();
});

test.skipIf(process.platform === "win32")(
  "a named pipe is refused at once (skipped: Windows has none in its file system)",
  async () => {
    const directory = await temporaryDirectory();
    execFileSync("mkfifo", [join(directory, "pipe")]);
    expect(await snapshotFiles(directory).open("pipe")).toBeUndefined();
  },
);
