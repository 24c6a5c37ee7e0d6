/** An index on disk that follows the chain of a process which is killed: what it has and where it is agree always. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@chain/testing/place";
import { Rng } from "@chain/testing/random";
import { expect, onTestFinished, test } from "vitest";
import { heightsUpTo, openFollowed } from "./support/followedChain.ts";

const PROGRAM = fileURLToPath(new URL("support/followedChain.ts", import.meta.url));
const FLAGS = ["--conditions=@chain/source", "--import", import.meta.resolve("tsx")];

function start(directory: string, seed: number): ChildProcess {
  const child = spawn(process.execPath, [...FLAGS, PROGRAM, directory, String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function lines(child: ChildProcess, count: number): Promise<void> {
  if (child.stdout === null) throw new TypeError("the process has no output");
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) if (++seen >= count) return;
  throw new TypeError("the process ended by itself");
}

test("a follower's data and position agree after each kill, and it goes on from there", async () => {
  const directory = await temporaryDirectory();
  const rng = new Rng(7);
  for (let round = 1; round <= 5; round++) {
    const child = start(directory, round);
    await lines(child, 5 + rng.below(40));
    // It is about to write what the chain has already: often the index is behind then.
    child.kill("SIGKILL");
    await once(child, "exit");

    const { chain, index } = await openFollowed(directory);
    const position = await index.position();
    if (position === undefined) throw new TypeError("nothing was stored");
    expect(await index.entries()).toEqual(await heightsUpTo(chain, position.hash));

    const following = await chain.follow(index);
    await following.caughtUp;
    expect(following.position).toEqual({ hash: chain.tip.hash, height: chain.tip.height });
    expect(await index.entries()).toEqual(await heightsUpTo(chain, chain.tip.hash));
    await chain.close();
    await index.close();
  }
});
