/** A wallet of a process that is killed: it has every address that was given, its label, and every payment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@chain/testing/place";
import { Rng } from "@chain/testing/random";
import { expect, onTestFinished, test } from "vitest";
import { type Line, openBusy } from "./support/busyWallet.ts";

const PROGRAM = fileURLToPath(new URL("support/busyWallet.ts", import.meta.url));
const FLAGS = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx")];

/** The first lines of the program, which is killed then, and what it could still print. */
async function run(directory: string, count: number): Promise<Line[]> {
  const child = spawn(process.execPath, [...FLAGS, PROGRAM, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: Line[] = [];
  const exit = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(JSON.parse(line) as Line);
    if (said.length === count) child.kill("SIGKILL");
  }
  await exit;
  expect(said.length).toBeGreaterThanOrEqual(count);
  return said;
}

test("no key, label or payment is lost by a kill", async () => {
  const directory = await temporaryDirectory();
  const rng = new Rng(11);
  const said: Line[] = [];
  for (let round = 0; round < 4; round++) {
    said.push(...(await run(directory, 4 + rng.below(40))));

    const { node, call } = await openBusy(directory);
    expect(await call("listwallets")).toEqual(["w"]);
    const addresses = new Set<string>();
    for (const line of said) {
      if ("mined" in line) {
        expect(await call("gettransaction", line.mined)).toMatchObject({ generated: true });
        continue;
      }
      expect(await call("getaddressinfo", line.address)).toMatchObject({
        ismine: true,
        solvable: true,
        labels: [line.label],
      });
      // None is given twice.
      expect(addresses.has(line.address)).toBe(false);
      addresses.add(line.address);
    }
    const { lastprocessedblock } = (await call("getbalances")) as {
      lastprocessedblock: { height: number };
    };
    expect(lastprocessedblock.height).toBe(node.chain.tip.height);
    const { txcount } = (await call("getwalletinfo")) as { txcount: number };
    expect(txcount).toBe(node.chain.tip.height);
    await node.close();
  }
});
