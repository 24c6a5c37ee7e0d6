import { readFile, rename, writeFile } from "node:fs/promises";
import { isChainError, type Seconds } from "@chain/core";
import type { DevChain, DevChainOptions } from "@chain/devchain";
import { cannotRead, cannotWrite, systemCode, UserError } from "@chain/fullnode";
import { type Context, type ProgramIo, parseWhole, withExamples } from "@chain/terminal";
import { parseAmount } from "@chain/wallet";
import type { Command } from "commander";

interface Flags {
  readonly accounts?: string;
  readonly balance?: string;
  readonly interval?: string;
  readonly json?: true;
  /** `false` with `--no-mining`. */
  readonly mining: boolean;
  readonly mnemonic?: string;
  readonly peerport?: string;
  readonly rpcport?: string;
  readonly state?: string;
}

/** Regtest's, where Bitcoin's programs look for a node. */
const RPC_PORT = 18_443;
const PEER_PORT = 18_444;
const MAX_PORT = 65_535;
/** For all callers of this machine: its coins are worth nothing, and a program's settings need not be read from here. */
const LOGIN = { user: "dev", password: "dev" };
const MAX_ACCOUNTS = 1_000;
const A_DAY: Seconds = 86_400;

export function addDev(program: Command, { io }: Context): void {
  const command = program
    .command("dev")
    .description("run a chain for developers: regtest in memory, with funded accounts")
    .option("--accounts <number>", "how many accounts have funds (default: 10)")
    .option("--balance <amount>", "coins of each account (default: 100)")
    .option("--interval <seconds>", "mine a block every so many seconds, in place of at once")
    .option("--json", "print what there is as one line of JSON")
    .option("--mnemonic <words>", "words that the accounts come from (default: test test … junk)")
    .option("--no-mining", "mine on request alone: by generatetoaddress or chain_mine")
    .option(
      "--peerport <port>",
      "port for peers; 0: any that is free (default: 18444, or another where that is taken)",
    )
    .option(
      "--rpcport <port>",
      "port of the RPC; 0: any that is free (default: 18443, or another where that is taken)",
    )
    .option("--state <file>", "go on with the chain in this file, and keep it there at the end");
  withExamples(
    command,
    "chain-node dev",
    "chain-node dev --accounts 3 --balance 5 --interval 10",
    "chain-node dev --state chain.json --no-mining --json",
  ).action((flags: Flags) => runDev(flags, io));
}

async function runDev(flags: Flags, io: ProgramIo): Promise<void> {
  const { state: file } = flags;
  const options = await readOptions(flags);
  let failure: unknown;
  const onClose = async (state: string) => {
    try {
      if (file !== undefined) await keep(file, state);
    } catch (error) {
      failure = error;
    }
  };
  const chain = await start(
    { ...options, ...(file !== undefined && { onClose }) },
    options.state === undefined ? undefined : file,
  );
  const forget = io.onStop(() => void chain.close());
  try {
    await io.write(flags.json ? `${JSON.stringify(factsOf(chain))}\n` : describe(chain));
  } catch (error) {
    failure = error;
    await chain.close();
  }
  await chain.whenClosed();
  forget();
  if (failure !== undefined) throw failure;
}

async function readOptions(flags: Flags): Promise<DevChainOptions> {
  const { accounts, balance, interval, mining, mnemonic, state: file } = flags;
  const { rpcport, peerport } = flags;
  const automine =
    interval === undefined ? mining : { interval: parseWhole(interval, "--interval", 1, A_DAY) };
  if (interval !== undefined && !mining) {
    throw new UserError("usage", "--interval and --no-mining exclude each other: choose one");
  }
  const state = file === undefined ? undefined : await readState(file);
  return {
    automine,
    rpc: {
      ...(rpcport === undefined
        ? { port: RPC_PORT, otherPort: true }
        : { port: parseWhole(rpcport, "--rpcport", 0, MAX_PORT) }),
      ...{ rest: true, events: true, credentials: LOGIN },
    },
    ...(peerport !== undefined && { port: parseWhole(peerport, "--peerport", 0, MAX_PORT) }),
    indexes: { transactions: true, scriptHistory: true },
    ...(accounts !== undefined && {
      accounts: parseWhole(accounts, "--accounts", 0, MAX_ACCOUNTS),
    }),
    ...(balance !== undefined && { balance: readBalance(balance) }),
    ...(mnemonic !== undefined && { mnemonic }),
    ...(state !== undefined && { state }),
  };
}

function readBalance(text: string): bigint {
  const parsed = parseAmount(text);
  if (parsed.ok) return parsed.amount;
  throw new UserError("usage", `--balance: ${parsed.reason}`);
}

/** @returns `undefined` where there is no file yet */
async function readState(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw cannotRead("the state", file, error);
  }
}

/** The file is the old one or the new one, whatever happens meanwhile. */
async function keep(file: string, state: string): Promise<void> {
  const draft = `${file}.new`;
  try {
    await writeFile(draft, state);
    await rename(draft, file);
  } catch (error) {
    throw cannotWrite("the state", file, error);
  }
}

/** Takes another port for peers where another program has the usual one. */
async function start(options: DevChainOptions, file: string | undefined): Promise<DevChain> {
  // It takes long to load, and other commands have no use for it.
  const { createDevChain } = await import("@chain/devchain");
  try {
    return await createDevChain({ port: PEER_PORT, ...options });
  } catch (error) {
    if (file !== undefined && isChainError(error) && error.code === "usage") {
      throw new UserError("usage", `--state ${file}: ${error.message}`, { cause: error });
    }
    const isTaken = error instanceof UserError && error.code === "in-use";
    if (!isTaken || options.port !== undefined) throw error;
    return createDevChain({ ...options, port: 0 });
  }
}

function factsOf(chain: DevChain) {
  const { height, mnemonic, accounts, doors } = chain;
  return {
    height,
    mnemonic,
    accounts: accounts.map(({ index, address, wif, addresses, descriptors }) => {
      return {
        ...{ index, address, wif, addresses: spelled(addresses) },
        descriptors: spelled(descriptors, ({ receive }) => receive),
        change_descriptors: spelled(descriptors, ({ change }) => change),
      };
    }),
    doors,
    rpcuser: LOGIN.user,
    rpcpassword: LOGIN.password,
    automine: chain.automine,
  };
}

/** By type of address; `p2sh-segwit` is `p2sh_segwit`, because names of fields have no hyphen. */
function spelled<Value>(
  byType: Readonly<Record<string, Value>>,
  of: (value: Value) => unknown = (value) => value,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(byType);
  return Object.fromEntries(entries.map(([type, value]) => [type.replaceAll("-", "_"), of(value)]));
}

function describe(chain: DevChain): string {
  const { accounts, automine, doors, height, mnemonic } = chain;
  const { user, password } = LOGIN;
  const width = Math.max(0, ...Object.keys(doors).map((name) => name.length));
  const login = (name: string) => (name === "rpc" ? `   user ${user}, password ${password}` : "");
  const { rpc = "" } = doors;
  const lines = [
    `a chain for developers: Bitcoin's regtest, at block ${height}`,
    "",
    "accounts, whose keys everybody knows: never use them elsewhere",
    ...accounts.map(
      ({ index, address, wif }) => `${String(index).padStart(3)}  ${address}  ${wif}`,
    ),
    "",
    `mnemonic: ${mnemonic}`,
    "",
    ...Object.entries(doors).map(([name, url]) => `${name.padEnd(width)}  ${url}${login(name)}`),
    "",
    `blocks are mined ${automineInWords(automine)}`,
    `curl --user ${user}:${password} --data '{"method":"chain_info"}' ${rpc}`,
    "Ctrl-C ends it",
  ];
  return `${lines.join("\n")}\n`;
}

function automineInWords(mode: DevChain["automine"]): string {
  if (typeof mode === "boolean") return mode ? "at once for each transaction" : "on request";
  if ("delay" in mode) return `${mode.delay} ms after a transaction`;
  return mode.interval === 1 ? "every second" : `every ${mode.interval} seconds`;
}
