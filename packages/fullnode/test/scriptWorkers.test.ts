/** Scripts on threads of this machine. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nobleVerifier, STANDARD_SCRIPT_FLAGS } from "@chain/core";
import { encodeScriptJobs, runScriptJobs, type ScriptJob } from "@chain/engine";
import { payment, testKey } from "@chain/testing/blockFactory";
import { bundled } from "@chain/testing/bundled";
import { temporaryDirectory } from "@chain/testing/place";
import { expect, it } from "vitest";
import { openScriptWorkers } from "../src/scripts/workers.ts";

const program = fileURLToPath(new URL("../src/scripts/worker.ts", import.meta.url));

/** Payments of so many inputs each; those with an odd index have no right to what they spend. */
function jobs(count: number, inputs: number): readonly ScriptJob[] {
  const owner = testKey(0);
  return Array.from({ length: count }, (_, i) => {
    const coins = Array.from({ length: inputs }, (_, vout) => ({
      outpoint: { txid: i.toString(16).padStart(64, "0"), vout } as never,
      coin: { value: 1n, scriptPubKey: owner.script, height: 1, coinbase: false },
    }));
    const key = { ...testKey(i % 2 === 0 ? 0 : 1), publicKey: owner.publicKey };
    const transaction = payment({
      coins,
      outputs: [{ value: 1n, scriptPubKey: owner.script }],
      key,
    });
    const spentOutputs = coins.map(({ coin }) => coin);
    return { transaction, spentOutputs, flags: STANDARD_SCRIPT_FLAGS };
  });
}

it("pass, fail, or are taken back: each of them one of these", async () => {
  const workers = openScriptWorkers(3, pathToFileURL(await bundled(program)));
  if (workers === undefined) throw new TypeError("no workers");
  const unsigned = { ...(jobs(1, 1)[0] as ScriptJob) };
  // They are started by the number of inputs that they are handed.
  const spentOutputs = Array.from({ length: 1_000 }, () => unsigned.spentOutputs[0] as never);
  expect(await workers.run([{ ...unsigned, spentOutputs }]).passed).toEqual([]);

  const all = jobs(12, 20);
  const right = all.filter((_, i) => i % 2 === 0);
  const run = workers.run(all);
  expect(await run.passed).toEqual(right);
  expect(run.takeBack()).toBeUndefined();

  const begun = workers.run(all);
  const back: ScriptJob[] = [];
  for (let some = begun.takeBack(); some !== undefined; some = begun.takeBack()) back.push(...some);
  const passed = await begun.passed;
  const mine = back.filter((job) => runScriptJobs(encodeScriptJobs([job]), nobleVerifier)[0]);
  expect(new Set([...passed, ...mine])).toEqual(new Set(right));
  expect(passed.filter((job) => back.includes(job))).toEqual([]);
  await workers.close();
  expect(await workers.run(all).passed).toEqual([]);
});

it("are for the asker where the threads end by themselves", async () => {
  const file = join(await temporaryDirectory(), "broken.mjs");
  await writeFile(file, "process.exit(3);");
  const workers = openScriptWorkers(2, pathToFileURL(file));
  const all = jobs(30, 40);
  expect(await workers?.run(all).passed).toEqual([]);
  expect(await workers?.run(all).passed).toEqual([]);
  await workers?.close();
});

it("have no threads where one is enough, or the program of a thread is not here", () => {
  const file = new URL("file:///nowhere/worker.mjs");
  expect(openScriptWorkers(1, file)).toBeUndefined();
  expect(openScriptWorkers(-1024, file)).toBeUndefined();
  expect(openScriptWorkers(2)).toBeUndefined(); // from sources
});
