/**
 * The tutorial's scenario with real node processes on real ports, and a light node that is paid at the end. Ends with 0
 * only if every balance, on every node, is what the tutorial says, and the light node has proved its payment.
 */
import { cp, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stayOnLoopback } from "@chain/testing/loopback";
import {
  freePorts,
  type LogLine,
  NodeProcess,
  type Program,
  runProgram,
} from "@chain/testing/processes";
import pc from "picocolors";

stayOnLoopback();
const SECONDS = 1000;
const started = performance.now();
const dataDir = await mkdtemp(join(tmpdir(), "chain-demo-"));
const [centralPort = 0, walletPort = 0, minerPort = 0, lightPort = 0] = await freePorts([
  3000, 3001, 3002, 3003,
]);

const colours = new Map([
  [centralPort, pc.cyan],
  [walletPort, pc.green],
  [minerPort, pc.yellow],
  [lightPort, pc.magenta],
]);
const names = new Map<string, string>();
const running = new Set<NodeProcess>();

/** Shows the names of the scenario where programs print addresses. */
function named(text: string): string {
  let shown = text;
  for (const [address, name] of names) shown = shown.replaceAll(address, name);
  return shown;
}

function tag(port: number): string {
  return (colours.get(port) ?? pc.white)(`[${port}]`);
}

function heading(text: string): void {
  console.log(`\n${pc.bold(text)}`);
}

/** Runs a program as the node of that port, showing what is typed, and returns what it prints. */
async function run(port: number, program: Program, ...args: string[]): Promise<string> {
  const shown = args.filter((arg) => arg !== "--json").join(" ");
  console.log(`${tag(port)} ${pc.dim("$")} ${named(`${program} ${shown}`)}`);
  const { code, stdout, stderr } = await runProgram(program, args, {
    env: { NODE_ID: String(port), CHAIN_DATADIR: dataDir },
  });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

async function createWallet(port: number, name: string): Promise<string> {
  const { stdout, stderr, code } = await runProgram("chain-wallet", ["createwallet"], {
    env: { NODE_ID: String(port), CHAIN_DATADIR: dataDir },
  });
  const address = stdout.trim();
  if (code !== 0) throw new Error(`createwallet: ${stderr}`);
  names.set(address, name);
  console.log(
    `${tag(port)} ${pc.dim("$")} chain-wallet createwallet   ${pc.dim(`${name} is ${address}`)}`,
  );
  return address;
}

/** @returns the id of the transaction */
async function send(
  port: number,
  from: string,
  to: string,
  amount: string,
  ...more: string[]
): Promise<string> {
  const args = ["send", "--from", from, "--to", to, "--amount", amount, ...more];
  const text = await run(port, "chain-wallet", ...args);
  console.log(pc.dim(`       ${named(text)}`));
  return /Transaction ([0-9a-f]{64})/.exec(text)?.[1] ?? "";
}

/** The lines of a node's log that tell the story: the messages of the protocol, blocks, and mining. */
function narrate(port: number): (line: LogLine) => void {
  return ({ event, msg }) => {
    if (msg === undefined || event === undefined) return;
    const text = named(msg);
    if (event === "message") console.log(`${tag(port)} ${pc.dim(text)}`);
    else if (event !== "ready") console.log(`${tag(port)} ${text}`);
  };
}

async function startNode(port: number, ...args: string[]): Promise<NodeProcess> {
  console.log(
    `${tag(port)} ${pc.dim("$")} ${named(`chain-node startnode ${args.join(" ")}`.trim())}`,
  );
  const node = new NodeProcess(args, { env: { NODE_ID: String(port), CHAIN_DATADIR: dataDir } });
  running.add(node);
  node.watch(narrate(port));
  await node.waitFor("the node to listen", (line) => line.event === "ready");
  return node;
}

async function stopNode(node: NodeProcess): Promise<void> {
  const code = await node.stop("SIGINT");
  running.delete(node);
  if (code !== 0) throw new Error(`a node ended with ${code}: ${node.stderr}`);
}

function tipReaches(node: NodeProcess, height: number): Promise<LogLine> {
  return node.waitFor(
    `height ${height}`,
    (line) => (line.event === "tip" || line.event === "ready") && line["height"] === height,
  );
}

async function copyDatabase(from: string, to: string): Promise<void> {
  console.log(pc.dim(`       cp -r blockchain_${from}.db blockchain_${to}.db`));
  await cp(join(dataDir, `blockchain_${from}.db`), join(dataDir, `blockchain_${to}.db`), {
    recursive: true,
  });
}

interface Balance {
  readonly address: string;
  readonly balance: string;
}

async function balances(port: number, addresses: readonly string[]): Promise<Map<string, string>> {
  const args = addresses.flatMap((address) => ["--address", address]);
  const { code, stdout, stderr } = await runProgram(
    "chain-wallet",
    ["getbalance", "--json", ...args],
    { env: { NODE_ID: String(port), CHAIN_DATADIR: dataDir } },
  );
  if (code !== 0) throw new Error(`getbalance: ${stderr}`);
  const rows = JSON.parse(stdout) as readonly Balance[];
  return new Map(rows.map(({ address, balance }) => [address, balance]));
}

interface Row {
  readonly address: string;
  readonly expected: string;
}

/** Prints a table of balances, a column for each node, and tells whether all are as expected. */
async function checkBalances(ports: readonly number[], rows: readonly Row[]): Promise<boolean> {
  const addresses = rows.map(({ address }) => address);
  const columns = await Promise.all(ports.map((port) => balances(port, addresses)));
  const cell = (text: string) => text.padStart(8);
  console.log(`       ${"".padEnd(10)}${ports.map((port) => cell(String(port))).join("")}`);
  let good = true;
  for (const { address, expected } of rows) {
    const found = columns.map((column) => column.get(address) ?? "?");
    const right = found.every((balance) => balance === expected);
    good &&= right;
    const mark = right ? pc.green("ok") : pc.red(`should be ${expected}`);
    console.log(`       ${named(address).padEnd(10)}${found.map(cell).join("")}  ${mark}`);
  }
  return good;
}

async function tipOf(port: number): Promise<string> {
  const { stdout } = await runProgram("chain-node", ["printchain", "--json", "--limit", "1"], {
    env: { NODE_ID: String(port), CHAIN_DATADIR: dataDir },
  });
  const [tip] = JSON.parse(stdout) as readonly { hash: string; height: number }[];
  return `${tip?.height} ${tip?.hash}`;
}

/** The light node has no copy of the chain: the genesis block is all that it is given. */
async function lightWallet(CENTRAL: string): Promise<boolean> {
  heading("6. A light node, without the chain, is paid and proves it by a Merkle path");
  const LIGHT = await createWallet(lightPort, "LIGHT");
  const genesis = join(dataDir, "genesis.hex");
  await run(centralPort, "chain-node", "genesis", "--out", genesis);
  const txid = await send(centralPort, CENTRAL, LIGHT, "2", "--mine");
  const central = await startNode(centralPort, "--role", "central");
  const connect = ["--connect", `127.0.0.1:${centralPort}`];
  const light = await startNode(lightPort, "--role", "spv", "--genesis", genesis, ...connect);
  await tipReaches(light, 4);
  const paid = await checkBalances([lightPort], [{ address: LIGHT, expected: "2" }]);
  const proof = await run(lightPort, "chain-node", "prove", txid);
  console.log(pc.dim(proof.replaceAll(/^/gm, "       ")));
  await Promise.all([light, central].map(stopNode));
  const directory = join(dataDir, `light_${lightPort}`);
  const names = (await readdir(directory)).filter((name) => name.endsWith(".dat"));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(directory, name))).size),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`       it keeps ${bytes} bytes: headers, its payment, and the path`);
  return paid && /: proved$/m.test(proof);
}

async function scenario(): Promise<boolean> {
  const connect = ["--connect", `127.0.0.1:${centralPort}`];
  const handTo = ["--central", `127.0.0.1:${centralPort}`];

  heading("1. The central node makes a chain and pays two wallets");
  const CENTRAL = await createWallet(centralPort, "CENTRAL");
  console.log(
    pc.dim(
      `       ${named(await run(centralPort, "chain-node", "createblockchain", "--address", CENTRAL))}`,
    ),
  );
  await copyDatabase(String(centralPort), "genesis");
  const WALLET_1 = await createWallet(walletPort, "WALLET_1");
  const WALLET_2 = await createWallet(walletPort, "WALLET_2");
  const WALLET_3 = await createWallet(walletPort, "WALLET_3");
  const WALLET_4 = await createWallet(walletPort, "WALLET_4");
  await send(centralPort, CENTRAL, WALLET_1, "10", "--mine");
  await send(centralPort, CENTRAL, WALLET_2, "10", "--mine");
  const central = await startNode(centralPort, "--role", "central");

  heading("2. The wallet node starts from the genesis block and downloads the rest");
  await copyDatabase("genesis", String(walletPort));
  const first = await startNode(walletPort, ...connect);
  await tipReaches(first, 2);
  await stopNode(first);
  const paid = await checkBalances(
    [walletPort],
    [
      { address: WALLET_1, expected: "10" },
      { address: WALLET_2, expected: "10" },
      { address: CENTRAL, expected: "10" },
    ],
  );

  heading("3. The miner starts from the genesis block and catches up");
  await copyDatabase("genesis", String(minerPort));
  const MINER = await createWallet(minerPort, "MINER");
  const miner = await startNode(minerPort, "--miner", MINER, ...connect);
  await tipReaches(miner, 2);

  heading("4. Two payments travel by way of the central node to the miner, which mines one block");
  await send(walletPort, WALLET_1, WALLET_3, "1", ...handTo);
  await send(walletPort, WALLET_2, WALLET_4, "1", ...handTo);
  await Promise.all([tipReaches(miner, 3), tipReaches(central, 3)]);

  heading("5. The wallet node comes back and sees the payments");
  const second = await startNode(walletPort, ...connect);
  await tipReaches(second, 3);
  await Promise.all([second, miner, central].map(stopNode));
  const ports = [centralPort, walletPort, minerPort];
  const settled = await checkBalances(ports, [
    { address: WALLET_1, expected: "9" },
    { address: WALLET_2, expected: "9" },
    { address: WALLET_3, expected: "1" },
    { address: WALLET_4, expected: "1" },
    { address: CENTRAL, expected: "10" },
    { address: MINER, expected: "10" },
  ]);
  const tips = await Promise.all(ports.map(tipOf));
  const agreed = new Set(tips).size === 1;
  console.log(
    `       tip: ${agreed ? `${tips[0]} ${pc.green("on all three")}` : pc.red(tips.join(" / "))}`,
  );
  const proved = await lightWallet(CENTRAL);
  return paid && settled && agreed && proved;
}

async function main(): Promise<number> {
  // A demo that hangs is a demo that failed.
  const deadline = AbortSignal.timeout(120 * SECONDS);
  const outOfTime = new Promise<never>((_, reject) => {
    deadline.onabort = () => reject(new Error("not done after two minutes"));
  });
  try {
    const good = await Promise.race([scenario(), outOfTime]);
    const seconds = ((performance.now() - started) / SECONDS).toFixed(1);
    console.log(
      good ? pc.green(`\nAll as it should be, in ${seconds} s.`) : pc.red("\nNot as it should be."),
    );
    return good ? 0 : 1;
  } catch (error) {
    console.error(pc.red(`\nThe demo failed: ${error instanceof Error ? error.message : error}`));
    return 1;
  } finally {
    await Promise.all([...running].map((node) => node.stop("SIGKILL")));
    await rm(dataDir, { recursive: true, force: true });
  }
}

process.exitCode = await main();
