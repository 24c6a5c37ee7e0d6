import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, test } from "vitest";
import { processInput } from "../src/input.ts";
import { run } from "../src/run.ts";

/** Input that the shell opened: `chain-cli … < FILE`. */
async function fileInput(text: string) {
  const path = join(await temporaryDirectory(), "input");
  await writeFile(path, text);
  return input(path);
}

const input = (path: string) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return processInput({ stdin: createReadStream(path), stdout, stderr });
};

test("lines come from a file as from a pipe", async () => {
  const lines = await fileInput("secret\none\n\ntwo");
  expect(await lines.secret("password> ")).toBe("secret");
  expect(await lines.rest()).toEqual(["one", "", "two"]);
});

test("an empty file and /dev/null have none", async () => {
  for (const none of [await fileInput(""), input("/dev/null")]) {
    expect(await none.secret("password> ")).toBeUndefined();
    expect(await none.rest()).toEqual([]);
  }
});

test("a password that nobody types is one line", async () => {
  const said: string[] = [];
  const io = {
    write: async (text: string) => void said.push(text),
    writeError: (text: string) => void said.push(text),
    colour: false,
    onStop: () => () => {},
  };
  const options = [`-datadir=${await temporaryDirectory()}`, "-regtest", "-stdinrpcpass"];
  const code = await run([...options, "getblockcount"], io, input("/dev/null"));
  expect([code, said]).toEqual([
    1,
    ["error: -stdinrpcpass specified but failed to read from standard input\n"],
  ]);
});
