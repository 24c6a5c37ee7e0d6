/** The file of what an estimator of fees remembers, as Core writes it and as a disk may have left it. */
import { mkdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FeeEstimator } from "@chain/engine";
import { startTestNode } from "@chain/testing/nodes";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { parseIdentity } from "../src/identity.ts";
import { readFeeEstimates } from "../src/node/feeEstimates.ts";
import { decodeFeeEstimates, encodeFeeEstimates } from "../src/node/feesFile.ts";
import { busyEstimator, oldState } from "./support/feeEstimators.ts";

const NOW = Date.now();
const HOUR = 60 * 60 * 1000;
const { state } = busyEstimator(100);
const bytes = encodeFeeEstimates(state);
/** Of an estimator that has seen nothing. Bytes are compared, because a state has a million numbers. */
const nothing = Buffer.from(encodeFeeEstimates(new FeeEstimator().state));

/** Reads a file with these bytes, which is so many hours old. */
async function read(content: Uint8Array, hours = 0) {
  const path = join(await temporaryDirectory(), "fee_estimates.dat");
  await writeFile(path, content);
  const then = new Date(NOW - hours * HOUR);
  await utimes(path, then, then);
  const warnings: string[] = [];
  const log = (_level: string, _category: string, message: string) => void warnings.push(message);
  return { estimator: await readFeeEstimates(path, NOW, log), warnings: warnings.join("\n"), path };
}

function written(estimator: FeeEstimator): Buffer {
  return Buffer.from(encodeFeeEstimates(estimator.state));
}

/** The same with another number of 32 bits at some place. */
function withNumber(offset: number, value: number): Uint8Array {
  const changed = bytes.slice();
  new DataView(changed.buffer).setUint32(offset, value, true);
  return changed;
}

describe("the file of estimates of fees", () => {
  it("holds all that was seen", () => {
    expect(decodeFeeEstimates(bytes)).toEqual({ state });
    expect(new DataView(bytes.buffer).getUint32(0, true)).toBe(309_900);
  });

  it("of Core before 31 keeps its buckets", () => {
    const old = busyEstimator(60, oldState()).state;
    const written = encodeFeeEstimates(old);
    expect(new DataView(written.buffer).getUint32(0, true)).toBe(149_900);
    expect(decodeFeeEstimates(written)).toEqual({ state: old });
  });

  it("is not used where it is older than 60 hours, or than the format", async () => {
    expect(written((await read(bytes, 59)).estimator).equals(bytes)).toBe(true);
    const stale = await read(bytes, 61);
    expect(written(stale.estimator).equals(nothing)).toBe(true);
    expect(stale.warnings).toMatch(/is 61 hours old, too old for estimates of fees$/);
    const ancient = await read(withNumber(0, 149_899));
    expect(written(ancient.estimator).equals(nothing)).toBe(true);
    expect(ancient.warnings).toBe("");
  });

  it.each([
    ["no byte", new Uint8Array(0), /needs 4 bytes/],
    ["half of it", bytes.subarray(0, bytes.length / 2), /needs 8 bytes/],
    ["a later version", withNumber(0, 309_901), /its version is 309901/],
    ["a height below those that it knows", withNumber(4, 1), /its heights are in disorder/],
    ["a million buckets", withNumber(16, 0x0fffff_fe), /./],
    ["one bucket", Uint8Array.of(...bytes.subarray(0, 16), 1), /it has too few buckets/],
    ["a bucket that is no number", withNumber(17 + 4, 0x7ff80000), /a count is none/],
    ["buckets in disorder", withNumber(17 + 4, 0x50000000), /its buckets are in disorder/],
  ])("that has %s is kept under a second name", async (_, content, why) => {
    const { estimator, warnings, path } = await read(content);
    expect(written(estimator).equals(nothing)).toBe(true);
    expect(warnings).toMatch(why);
    expect(warnings.split("\n")).toHaveLength(1);
    expect((await readFile(`${path}.damaged-1`)).equals(content)).toBe(true);
  });

  it("is cut nowhere without a word", () => {
    for (let length = 0; length < bytes.length; length += 29_989) {
      expect(decodeFeeEstimates(bytes.subarray(0, length))).toHaveProperty("damage");
    }
  });

  it("is written when a node ends, and read when it starts again", async () => {
    const place = { network: "regtest", port: String(await freePort()) };
    const identity = parseIdentity({ ...place, datadir: await temporaryDirectory() }, {});
    await mkdir(identity.dataDir, { recursive: true });
    await writeFile(identity.paths.fees, bytes);
    const node = await startTestNode({ identity });
    await rm(identity.paths.fees);
    await node.stop();
    expect((await readFile(identity.paths.fees)).equals(bytes)).toBe(true);
  });
});
