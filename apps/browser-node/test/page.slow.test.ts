/** The page in Chromium, against a chain-node that is a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createRpcClient, type RpcClient } from "@chain/rpc/client";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { buildPage } from "../build.ts";
import { servePage } from "../serve.ts";

const program = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env["PATH"] ?? "").split(delimiter).map((dir) => join(dir, name)))
  .find((file) => existsSync(file));
const skipped = program === undefined ? " (skipped: there is no Chromium)" : "";
const CHAIN_NODE = fileURLToPath(new URL("../../../bin/chain-node", import.meta.url));
const ADDRESS = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8";
const OTHER = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
const patience = { timeout: 60_000, interval: 100 };
/** Bytes of JavaScript, and the same with gzip. Raise them knowingly. */
const MOST = 480_000;
const MOST_GZIPPED = 160_000;

let folder: string;
let url: string;
let stopServing: () => void;
let code: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chain-page-"));
  code = await buildPage(folder);
  const served = await servePage(folder, 0);
  url = served.url;
  stopServing = () => void served.server.close();
});

afterAll(() => {
  stopServing();
  rmSync(folder, { recursive: true, force: true });
});

/** A chain-node with filters, which lets the page in. */
class NodeProcess {
  readonly datadir: string;
  readonly port: number;
  readonly wsPort: number;
  readonly rpcPort: number;
  #child: ChildProcess | undefined;

  private constructor(datadir: string, ports: readonly [number, number, number]) {
    this.datadir = datadir;
    [this.port, this.wsPort, this.rpcPort] = ports;
  }

  static async start(): Promise<NodeProcess> {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const node = new NodeProcess(await temporaryDirectory(), ports);
    onTestFinished(() => node.kill());
    await node.run();
    return node;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.wsPort}`;
  }

  async run(): Promise<void> {
    const child = spawn(process.execPath, [
      CHAIN_NODE,
      ...["startnode", "--network", "regtest", "--port", `${this.port}`],
      ...["--datadir", this.datadir, "--connect", "0", "--json"],
      ...["--blockfilterindex", "--peerblockfilters"],
      ...["--listen-ws", `${this.wsPort}`, "--ws-origin", url],
      ...["--rpcport", `${this.rpcPort}`, "--rpcuser", "me", "--rpcpassword", "secret"],
    ]);
    this.#child = child;
    let errors = "";
    child.stderr.on("data", (text) => {
      errors += text;
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.includes('"event":"ready"')) continue;
      child.stdout.resume();
      return;
    }
    expect.fail(`chain-node does not start: ${errors}`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  get rpc(): RpcClient {
    return createRpcClient({
      url: `http://127.0.0.1:${this.rpcPort}`,
      user: "me",
      password: "secret",
    });
  }
}

/** Chromium, with a profile that stays. */
async function browser(profile?: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile ?? (await temporaryDirectory()), {
    executablePath: program ?? "",
    headless: true,
    args: [
      "--no-sandbox", // it refuses to run as root otherwise; the page is ours
      "--disable-gpu",
      // It would fetch updates and lists of its own: nobody listens where it has to ask for them.
      "--disable-background-networking",
      "--disable-component-update",
      "--proxy-server=127.0.0.1:1",
    ],
  });
  onTestFinished(() => context.close());
  return context;
}

/** Fills in the form by the keyboard alone, and starts. */
async function start(page: Page, node: NodeProcess, kind: "light" | "full"): Promise<void> {
  await page.goto(url);
  await page.keyboard.press("Tab");
  await page.keyboard.type(node.ws);
  await page.keyboard.press("Tab");
  if (kind === "full") await page.keyboard.press("ArrowDown");
  await page.getByLabel("Address to watch").focus();
  await page.keyboard.type(ADDRESS);
  await page.keyboard.press("Enter");
}

const shown = (page: Page, id: string) => page.locator(`#${id}`).textContent();

async function follows(page: Page, node: NodeProcess): Promise<void> {
  const tip = await node.rpc.getBestBlockHash();
  const height = await node.rpc.getBlockCount();
  await expect.poll(() => shown(page, "tip"), patience).toBe(tip);
  await expect.poll(() => shown(page, "searched"), patience).toBe(`${height}, the tip`);
  expect(await shown(page, "problem")).toBe("");
}

test("the page is small enough", () => {
  const gzipped = gzipSync(code).length;
  process.stdout.write(`the page: ${code.length} bytes, ${gzipped} with gzip\n`);
  expect(code.length).toBeLessThan(MOST);
  expect(gzipped).toBeLessThan(MOST_GZIPPED);
});

test.skipIf(program === undefined)(
  `a light node in a tab syncs, sees payments, follows a reorganisation and outlives its node${skipped}`,
  async () => {
    const node = await NodeProcess.start();
    await node.rpc.generateToAddress(2, ADDRESS);
    await node.rpc.generateToAddress(98, OTHER);
    const context = await browser();
    const [page = await context.newPage()] = context.pages();
    await start(page, node, "light");
    await follows(page, node);
    expect([await shown(page, "height"), await shown(page, "immature")]).toEqual(["100", "50"]);
    expect(await shown(page, "peers")).toBe(`127.0.0.1:${node.wsPort}`);
    expect(await page.locator("#transactions tr").count()).toBe(2);
    expect(await shown(page, "transactions")).toContain("Merkle path of 0 hashes, checked");

    // The rewards mature, and another comes.
    await node.rpc.generateToAddress(1, ADDRESS);
    await follows(page, node);
    expect([await shown(page, "balance"), await shown(page, "immature")]).toEqual(["100", "50"]);

    // A reorganisation takes the last reward back.
    await node.rpc.invalidateBlock(await node.rpc.getBlockHash(101));
    await node.rpc.generateToAddress(2, OTHER);
    await follows(page, node);
    expect([await shown(page, "balance"), await shown(page, "immature")]).toEqual(["100", "0"]);
    expect(await page.locator("#transactions tr").count()).toBe(2);

    await node.kill();
    await expect.poll(() => shown(page, "peers"), patience).toBe("none: calling…");
    await node.run();
    await node.rpc.generateToAddress(1, ADDRESS);
    await follows(page, node);
    expect(await shown(page, "immature")).toBe("50");
  },
);

test.skipIf(program === undefined)(
  `a tab that is killed in the middle of its work goes on from what it has kept${skipped}`,
  async () => {
    const node = await NodeProcess.start();
    await node.rpc.generateToAddress(1, ADDRESS);
    for (let n = 0; n < 3; n++) await node.rpc.generateToAddress(1_000, OTHER);
    const profile = await temporaryDirectory();
    const first = await browser(profile);
    const [page = await first.newPage()] = first.pages();
    await start(page, node, "light");
    await expect
      .poll(async () => Number(await shown(page, "height")), { ...patience, interval: 5 })
      .toBeGreaterThan(0);
    const crashed = page.waitForEvent("crash");
    // It has no answer: the tab is gone.
    page.goto("chrome://crash").catch(() => {});
    await crashed;
    await node.kill();
    const again = await first.newPage();
    const query = new URLSearchParams({ node: node.ws, address: ADDRESS });
    await again.goto(`${url}/?${query}`);
    // The kept headers are shown, without anybody to ask.
    await expect
      .poll(async () => Number(await shown(again, "height")), patience)
      .toBeGreaterThan(0);
    expect(await shown(again, "peers")).toBe("none: calling…");
    await node.run();
    await follows(again, node);
    expect(await shown(again, "balance")).toBe("50");

    // A second tab on the same database would write over it.
    const second = await first.newPage();
    await second.goto(`${url}/?${query}`);
    await expect.poll(() => shown(second, "problem"), patience).toContain("another tab");
    // The whole browser ends, and the next one has all.
    await first.close();
    await node.kill();
    const next = await browser(profile);
    const [last = await next.newPage()] = next.pages();
    await last.goto(`${url}/?${query}`);
    await expect.poll(() => shown(last, "height"), patience).toBe("3001");
    expect(await shown(last, "balance")).toBe("50");
  },
);

test.skipIf(program === undefined)(
  `a full node in a tab checks the whole chain, and follows its reorganisations${skipped}`,
  async () => {
    const node = await NodeProcess.start();
    await node.rpc.generateToAddress(1, ADDRESS);
    await node.rpc.generateToAddress(149, OTHER);
    const context = await browser();
    const [page = await context.newPage()] = context.pages();
    await start(page, node, "full");
    await follows(page, node);
    expect([await shown(page, "height"), await shown(page, "balance")]).toEqual(["150", "50"]);
    const shots = process.env["SHOTS"];
    if (shots !== undefined)
      await page.screenshot({ path: join(shots, "full.png"), fullPage: true });
    await node.rpc.invalidateBlock(await node.rpc.getBlockHash(140));
    await node.rpc.generateToAddress(12, ADDRESS);
    await follows(page, node);
    expect(await shown(page, "height")).toBe("151");
  },
);

test.skipIf(program === undefined)(
  `a page that the node does not know is refused, and mistakes are told${skipped}`,
  async () => {
    const node = await NodeProcess.start();
    const stranger = await servePage(folder, 0);
    onTestFinished(() => void stranger.server.close());
    const context = await browser();
    const [page = await context.newPage()] = context.pages();
    const refused = page.waitForEvent("console", (message) => message.text().includes("403"));
    await page.goto(`${stranger.url}/?${new URLSearchParams({ node: node.ws })}`);
    await refused;
    expect(await node.rpc.getConnectionCount()).toBe(0);
    for (const [query, problem] of [
      [{ node: "127.0.0.1:3001" }, "the node's address must be like ws://127.0.0.1:3001"],
      [{ node: node.ws, network: "devnet" }, "each devnet has a genesis block of its own"],
      [{ node: node.ws, address: "x" }, "the address to watch: "],
    ] as const) {
      await page.goto(`${url}/?${new URLSearchParams(query)}`);
      await expect.poll(() => shown(page, "problem"), patience).toContain(problem);
    }
  },
);

test("the page asks nobody but the node", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  expect(html.match(/https?:\/\//g)).toBeNull();
});
