/** The file of estimates of fees goes from ours to Bitcoin Core and back, and both answer the same from it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { regtest } from "@chain/core";
import { FEE_HORIZONS, FeeEstimator, type FeeRange } from "@chain/engine";
import { temporaryDirectory } from "@chain/testing/place";
import { describe, expect, it } from "vitest";
import { decodeFeeEstimates, encodeFeeEstimates } from "../src/node/feesFile.ts";
import { CoreNode, versionOf } from "./support/coreNode.ts";
import { busyEstimator, oldState } from "./support/feeEstimators.ts";

const daemon = { program: "bitcoind", params: regtest, quiet: ["-natpmp=0"] };
const version = versionOf(daemon);
const isMissing = version === undefined;

const hundredths = (count: number) => Math.round(count * 100) / 100;
const told = (range: FeeRange) => ({
  startrange: Math.round(range.start),
  endrange: Math.round(range.end),
  withintarget: hundredths(range.withinTarget),
  totalconfirmed: hundredths(range.totalConfirmed),
  inmempool: hundredths(range.inMempool),
  leftmempool: hundredths(range.leftMempool),
});
const coins = (rate: bigint) => Number(rate) / 1e8;

describe.skipIf(isMissing)(
  isMissing ? "bitcoind (skipped: it is not installed)" : `bitcoind ${version}`,
  () => {
    it("reads what ours has written, answers the same, and writes the same", async () => {
      const busy = busyEstimator(300, oldState());
      busy.forgetMempool();
      const bytes = encodeFeeEstimates(busy.state);
      const directory = await temporaryDirectory();
      const file = join(directory, regtest.name, "fee_estimates.dat");
      await mkdir(join(directory, regtest.name));
      await writeFile(file, bytes);
      const ours = new FeeEstimator(busy.state);
      const theirs = await CoreNode.start({ ...daemon, directory });
      let answers = 0;
      for (const target of [1, 2, 3, 6, 11, 12, 13, 24, 25, 47, 48, 49, 150, 1008]) {
        for (const mode of ["economical", "conservative"]) {
          const { feeRate, target: blocks } = ours.estimateSmart(target, mode === "conservative");
          if (feeRate === undefined) expect.unreachable();
          const answer = await theirs.call("estimatesmartfee", target, mode);
          expect(answer).toEqual({ feerate: coins(feeRate), blocks });
        }
        for (const threshold of [0, 0.3, 0.6, 0.85, 0.95, 1]) {
          const raw = await theirs.call<Record<string, object>>(
            "estimaterawfee",
            target,
            threshold,
          );
          const tracking = FEE_HORIZONS.filter((name) => target <= ours.maxTarget(name));
          expect(Object.keys(raw)).toEqual(tracking);
          for (const name of tracking) {
            const { feeRate, pass, fail, decay, scale } = ours.estimateRaw(name, target, threshold);
            const errors = ["Insufficient data or no feerate found which meets threshold"];
            expect(raw[name]).toEqual({
              ...(feeRate === undefined ? { errors } : { feerate: coins(feeRate) }),
              ...{ decay, scale },
              ...(pass && { pass: told(pass) }),
              ...(fail && { fail: told(fail) }),
            });
            answers++;
          }
        }
      }
      expect(answers).toBeGreaterThan(100);
      await theirs.end();
      const written = await readFile(file);
      expect(decodeFeeEstimates(written)).toEqual(decodeFeeEstimates(bytes));
      expect(new Uint8Array(written)).toEqual(bytes);
    });
  },
);
