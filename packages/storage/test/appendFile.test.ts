import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AppendFile } from "../src/level/appendFile.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "chain-storage-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const START = { file: 0, offset: 0 };
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

it("begins a new file when one is full, and takes what is larger than a file", async () => {
  const file = new AppendFile(directory, "blk", START, 100);
  const payloads = [bytes(42, 1), bytes(42, 2), bytes(1, 3), bytes(500, 4), bytes(10, 5)];
  const locations = [];
  for (const payload of payloads) locations.push(await file.append(payload));
  expect(locations).toEqual([
    { file: 0, offset: 0, length: 42 },
    { file: 0, offset: 50, length: 42 },
    { file: 1, offset: 0, length: 1 },
    { file: 2, offset: 0, length: 500 },
    { file: 3, offset: 0, length: 10 },
  ]);
  expect(readdirSync(directory)).toHaveLength(4);
  expect(await Promise.all(locations.map((each) => file.read(each)))).toEqual(payloads);
  await file.close();
});

it("goes on where the database says, and cuts off the rest", async () => {
  const file = new AppendFile(directory, "rev", START, 100);
  await file.append(bytes(30, 1));
  const end = file.end;
  for (let n = 0; n < 5; n++) await file.append(bytes(30, 2));
  await file.close();
  expect(readdirSync(directory)).toHaveLength(3);
  const again = new AppendFile(directory, "rev", end, 100);
  expect(again.isShort).toBe(false);
  expect(readdirSync(directory)).toEqual(["rev00000.dat"]);
  expect(statSync(join(directory, "rev00000.dat")).size).toBe(end.offset);
  const location = await again.append(bytes(30, 3));
  expect(location).toEqual({ ...end, length: 30 });
  expect(await again.read(location)).toEqual(bytes(30, 3));
  await again.close();
});

it("finds every changed and every missing byte", async () => {
  const file = new AppendFile(directory, "blk", START);
  const location = await file.append(Uint8Array.from({ length: 200 }, (_, i) => i));
  await file.close();
  const path = join(directory, "blk00000.dat");
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, mask) => {
        const spoilt = Uint8Array.from(whole);
        spoilt[at]! ^= mask;
        writeFileSync(path, spoilt);
        await expect(file.read(location)).rejects.toMatchObject({ code: "corrupt" });
        truncateSync(path, at);
        await expect(file.read(location)).rejects.toMatchObject({ code: "corrupt" });
        expect(new AppendFile(directory, "blk", { file: 0, offset: whole.length }).isShort).toBe(
          true,
        );
      },
    ),
    { numRuns: 40 },
  );
  writeFileSync(path, whole);
  expect((await file.read(location)).length).toBe(200);
  // A length out of a damaged database must not be allocated.
  const huge = { ...location, length: 0xffff_ffff };
  await expect(file.read(huge)).rejects.toMatchObject({ code: "corrupt" });
  await expect(file.read({ ...location, file: 7 })).rejects.toMatchObject({ code: "corrupt" });
});
