/**
 * The RPC of our node beside that of the `bitcoind` in the PATH (Bitcoin Core or Knots), in one run, with the same
 * chain: requests a second. Run with `pnpm bench rpc`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesToHex } from "@chain/core";
import { freePort } from "@chain/testing/place";
import { present, sharedChain } from "@chain/testing/sharedChains";

/** How long each row is measured. Milliseconds. */
const SPAN = 1_500;
const BLOCKS = 400;

class Program {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });
  #auth = "";

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child;
    this.#directory = directory;
    this.#port = port;
  }

  static async start(program: string): Promise<Program> {
    const directory = await mkdtemp(join(tmpdir(), "chain-bench-"));
    const port = await freePort();
    const own = [`-datadir=${directory}`, `-rpcport=${port}`, `-port=${await freePort()}`];
    const home = ["-regtest", "-connect=0", "-dnsseed=0", "-fixedseeds=0", "-printtoconsole=0"];
    const child = spawn(program, [...home, "-txindex=0", ...own], { stdio: "ignore" });
    const started = new Program(child, directory, port);
    while (!(await started.#isReady())) await new Promise((done) => setTimeout(done, 100));
    return started;
  }

  async #isReady(): Promise<boolean> {
    try {
      const cookie = await readFile(join(this.#directory, "regtest", ".cookie"));
      this.#auth = `Basic ${cookie.toString("base64")}`;
      return !(await this.post(body("getblockcount"))).includes('"code":-28');
    } catch {
      return false;
    }
  }

  post(text: string, keepAlive = true): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: this.#port,
        agent: keepAlive ? this.#agent : false,
        method: "POST",
        headers: { authorization: this.#auth },
      };
      const call = request(options, async (response) => {
        let answer = "";
        for await (const part of response.setEncoding("utf8")) answer += part;
        resolve(answer);
      });
      call.on("error", reject).end(text);
    });
  }

  async end(): Promise<void> {
    await this.post(body("stop"));
    await once(this.#child, "exit");
    this.#agent.destroy();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

const body = (method: string, ...params: readonly unknown[]): string =>
  JSON.stringify({ method, params, id: 1 });

/** Requests a second, by one caller. */
async function rate(action: () => Promise<unknown>, each = 1): Promise<number> {
  const begun = performance.now();
  let count = 0;
  for (; performance.now() - begun < SPAN; count += each) await action();
  return (count * 1000) / (performance.now() - begun);
}

async function measure(
  program: Program,
  raw: readonly Uint8Array[],
): Promise<Readonly<Record<string, number>>> {
  for (const block of raw) await program.post(body("submitblock", bytesToHex(block)));
  const best = JSON.parse(await program.post(body("getbestblockhash"))).result as string;
  const block = JSON.parse(await program.post(body("getblock", best))).result;
  const [txid] = block.tx.slice(-1);
  const batch = `[${Array.from({ length: 100 }, () => body("getblockcount")).join(",")}]`;
  const template = body("getblocktemplate", { rules: ["segwit"] });
  return {
    "getblockcount, a connection each": await rate(() =>
      program.post(body("getblockcount"), false),
    ),
    "getblockcount, keep-alive": await rate(() => program.post(body("getblockcount"))),
    "getblockcount, batches of 100": await rate(() => program.post(batch), 100),
    [`getblock 2 (${block.tx.length} transactions)`]: await rate(() =>
      program.post(body("getblock", best, 2)),
    ),
    "getrawtransaction 1": await rate(() => program.post(body("getrawtransaction", txid, 1, best))),
    getblocktemplate: await rate(() => program.post(template)),
  };
}

const other = "bitcoind";
if (!present) console.log("skipped, as ../shared/data is absent: calls of the RPC");
else if (spawnSync(other, ["-version"]).status !== 0) console.log("skipped: no bitcoind in PATH");
else {
  const raw = sharedChain("chain-p2pkh").raw.slice(0, BLOCKS);
  const results: Readonly<Record<string, number>>[] = [];
  const ours = fileURLToPath(new URL("../../../bin/chain-bitcoind", import.meta.url));
  for (const path of [ours, other]) {
    const program = await Program.start(path);
    results.push(await measure(program, raw));
    await program.end();
  }
  const [first = {}, second = {}] = results;
  console.table(
    Object.entries(first).map(([what, own]) => {
      const theirs = second[what] ?? Number.NaN;
      const ratio = Number((theirs / own).toFixed(1));
      return { what, ours: Math.round(own), bitcoind: Math.round(theirs), "bitcoind/ours": ratio };
    }),
  );
}
