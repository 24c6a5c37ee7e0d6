import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { COMMANDS as PROGRAMS } from "@chain/terminal";
import { addressOf, asNode, newIdentity, temporaryDirectory } from "@chain/testing/place";
import { beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "./support/run.ts";

const COMMANDS = PROGRAMS["chain-node"];
/** They are about a node that is named by its port. */
const OF_NODES = COMMANDS.filter((command) => command !== "dev");
const A = addressOf(0);
const NODE = ["--port", "3999"];

/** Everything that is wrong with a command line goes one way: one line that tells why, and exit code 1. */
async function expectRefusal(argv: readonly string[], why: RegExp | string): Promise<void> {
  const datadir = await temporaryDirectory();
  const { code, out, error } = await runProgram(argv, { CHAIN_DATADIR: join(datadir, "none") });
  expect({ code, out }, error).toEqual({ code: 1, out: "" });
  expect(error).toMatch(/^error: [^\n]+\n$/);
  expect(error).toMatch(why);
  expect(error).not.toMatch(/\bat .+:\d+:\d+|unexpected/);
  await expectJsonRefusal(argv, datadir, why);
}

/** The same for a program: one line of JSON, with a code. */
async function expectJsonRefusal(
  [command, ...rest]: readonly string[],
  datadir: string,
  why: RegExp | string,
): Promise<void> {
  const argv =
    command === "help" ? [command, ...rest, "--json"] : [command ?? "", "--json", ...rest];
  const { code, out, error } = await runProgram(argv, { CHAIN_DATADIR: join(datadir, "none") });
  expect({ code, out }, error).toEqual({ code: 1, out: "" });
  expect(error).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(error)).toEqual({
    error: { code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/), message: expect.any(String) },
  });
  // A word that is no command has no such option either.
  if (!COMMANDS.includes(command ?? "")) return;
  expect(JSON.parse(error).error.message).toMatch(why);
}

/** The arguments that a command does not go without. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  createblockchain: ["--address", A],
  mine: ["--address", A],
  import: ["blocks.dat"],
  export: ["blocks.dat"],
  prove: ["00".repeat(32)],
};

describe("help", () => {
  it("lists all commands", async () => {
    const { code, out, error } = await runProgram(["--help"]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    for (const command of COMMANDS) expect(out).toContain(`  ${command} `);
  });

  it.each(COMMANDS)("explains %s by example", async (command) => {
    const { code, out, error } = await runProgram([command, "--help"]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toMatch(/Examples:\n( {2}\$ .*chain-node .*)+/);
    if (OF_NODES.includes(command)) expect(out).toContain("--datadir");
    const [options = ""] = out.split("Options for tests:");
    const flags = [...options.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map(([, flag]) => flag);
    expect(flags).toEqual(flags.toSorted());
  });

  it("explains a command by the command help as by the option", async () => {
    expect(await runProgram(["help", "startnode"])).toEqual(
      await runProgram(["startnode", "--help"]),
    );
    expect(await runProgram(["help"])).toEqual(await runProgram(["--help"]));
  });

  it("has the commands that the wallet's program tells of", async () => {
    const { out } = await runProgram(["--help"]);
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(commands).toEqual([...PROGRAMS["chain-node"], "completion", "help"]);
  });

  it("prints the version", async () => {
    expect(await runProgram(["--version"])).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      error: "",
    });
  });
});

describe("a command line that makes no sense", () => {
  it.each<[string[], RegExp | string]>([
    [[], "which command"],
    [["--port", "3000"], "unknown option --port: it goes behind a command"],
    [["nonsense"], 'unknown command "nonsense": chain-node --help lists the commands'],
    [["help", "nonsense"], 'unknown command "nonsense": chain-node --help lists the commands'],
    [["stat"], "did you mean status or stop?"],
    [["--oops"], "unknown option --oops: chain-node --help lists the commands"],
    [["--regtest"], "did you mean --network regtest?"],
    [["startnode", "-regtest"], "did you mean --network regtest?"],
    [["status", "--jason"], "unknown option --jason: did you mean --json?"],
    [["getblock"], "getblock is a method of the RPC, not a command"],
    [["getblock", "1"], "chain-cli calls it"],
    [["help", "getblock"], "getblock is a method of the RPC, not a command"],
    [["completion"], "shell is missing: chain-node completion bash|zsh|fish"],
    [["completion", "tcsh"], "bash, zsh, fish"],
    [["completion", "zsh", "more"], 'the first is "more"'],
    [["send"], "send is a command of chain-wallet: chain-wallet send --help"],
    [["help", "send"], "send is a command of chain-wallet"],
    [["dev", "--nonsense"], "unknown option --nonsense"],
    [["dev", "excess"], 'too many arguments, the first is "excess"'],
    [["dev", "--accounts", "-1"], "--accounts must be a whole number from 0 to 1000"],
    [["dev", "--accounts", "1000"], "regtest has no more than 15,000 coins"],
    [["dev", "--balance", "x"], "--balance: not an amount"],
    [["dev", "--interval", "0"], "--interval must be a whole number from 1 to 86400"],
    [["dev", "--interval", "5", "--no-mining"], "--interval and --no-mining exclude each other"],
    [["dev", "--mnemonic", "test"], "a mnemonic has 12, 15, 18, 21 or 24 words"],
    [["dev", "--rpcport", "65536"], "--rpcport must be a whole number from 0 to 65535"],
    [["dev", "--peerport", "x"], "--peerport must be a whole number from 0 to 65535"],
    [["dev", "--state", "/proc"], "the state"],
    [["createblockchian"], /unknown command.*createblockchain/],
    [["\u001b[31mred\nline"], "unknown command"],
  ])("%j", (argv, why) => expectRefusal(argv, why));

  it.each(OF_NODES)(
    "%s with unknown options, missing values, excess arguments or no node",
    async (command) => {
      const needed = NEEDED[command] ?? [];
      await expectRefusal([command, ...needed, "--nonsense"], "unknown option --nonsense");
      await expectRefusal([command, ...needed, "-nonsense"], "unknown option --nonsense");
      const excess = 'too many arguments, the first is "excess"';
      // It takes as many files as one likes.
      if (command !== "import") await expectRefusal([command, ...needed, "excess"], excess);
      await expectRefusal([command, ...needed, "--port"], "--port needs a value: --port PORT");
      await expectRefusal([command, ...needed], "NODE_ID");
      await expectRefusal([command, ...needed, "--port", "../x"], "65535");
      await expectRefusal(
        [command, ...needed, ...NODE, "--network", "testnet3"],
        "--network must be devnet, regtest, mainnet, testnet4 or signet",
      );
    },
  );

  it.each<[string[], RegExp | string]>([
    [
      ["createblockchain", ...NODE],
      "--address is missing: chain-node createblockchain --address ADDRESS",
    ],
    [["createblockchain", ...NODE, "--address"], "--address needs a value: --address ADDRESS"],
    [["createblockchain", ...NODE, "--address", ""], "no address"],
    [["createblockchain", ...NODE, "--address="], "no address"],
    [["createblockchain", ...NODE, "--address", "-mine"], '--address "-mine"'],
    [["createblockchain", ...NODE, "--address", `${A.slice(0, -1)}x`], "checksum"],
    [
      ["createblockchain", ...NODE, "--address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"],
      "not of devnet",
    ],
    [["createblockchain", ...NODE, "--address", "x".repeat(100_000)], "--address"],
    [["createblockchain", ...NODE, "--address", `${A}\n`], "--address"],
    [["createblockchain", ...NODE, "--network", "regtest", "--address", A], "startnode --network"],
    [["createblockchain", "--network", "mainnet", "--address", A], "startnode --network mainnet"],
    [["startnode", "--network", "mainnet", "--dnsseed", "no", "--connect", "0"], "--dnsseed"],
    [
      ["startnode", "--network", "mainnet", "--testactivationheight", "csv@1", "--connect", "0"],
      "add --network regtest",
    ],
    [
      ["status", "--network", "signet", "--signetchallenge", "51", "--signetchallenge", "51"],
      "--signetchallenge can be given once",
    ],
    [
      ["stop", "--network", "signet", "--signetchallenge", "51", "--signetblocktime", "0"],
      "-signetblocktime must be greater than 0",
    ],
    [["genesis", ...NODE], "no chain yet"],
    [["printchain", ...NODE], "no chain yet"],
    [["reindexutxo", ...NODE], "no chain yet"],
    [["verify", ...NODE], "no chain yet"],
    [["verify", ...NODE, "--level", "5"], "--level"],
    [["startnode", ...NODE], /no chain yet: copy .*cp -r.*--genesis.*createblockchain/],
    [["status", ...NODE], /node 3999 does not run in \S+: start it with NODE_ID=3999 chain-node/],
    [["status", ...NODE, "--network", "regtest"], "chain-node startnode --network regtest"],
    [["peers", ...NODE], "does not run"],
    [["startnode", ...NODE, "--debug", "all"], "--debug must be one of chain, mempool"],
    [["startnode", ...NODE, "--maxuploadtarget", "-1"], "--maxuploadtarget"],
    [["startnode", ...NODE, "--maxuploadtarget", "1e9"], "--maxuploadtarget"],
    [["startnode", ...NODE, "--whitelist", "oops@::1"], "--whitelist must be like noban"],
    [["startnode", ...NODE, "--maxconnections", "x"], "--maxconnections"],
    ...["0", "-1", "x", "4294967296"].map((text): [string[], string] => [
      ["startnode", ...NODE, `--mocktime=${text}`],
      "--mocktime must be a whole number from 1 to 4294967295",
    ]),
    [["startnode", ...NODE, "--peertimeout", "0"], "--peertimeout must be a whole number from 1"],
    [["startnode", ...NODE, "--minimumchainwork", "0xx"], "must be a number in hex"],
    [["startnode", ...NODE, "--minrelaytxfee", "1e-5"], "without an exponent"],
    [["startnode", ...NODE, "--testactivationheight", "segwit"], "must be like segwit@100"],
    [["startnode", ...NODE, "--testactivationheight", "taproot@5"], "must be like segwit@100"],
    [["startnode", ...NODE, "--testactivationheight", "csv@5"], "is for regtest"],
    [["startnode", ...NODE, "--uacomment", "a/b"], "--uacomment takes letters"],
    [["startnode", ...NODE, "--uacomment", "a".repeat(101)], "too long"],
    [["bans", ...NODE], "does not run"],
    [["bans", ...NODE, "--add", "1.1.1.1", "--clear"], "only one of"],
    [["bans", ...NODE, "--for", "5"], "--for goes with --add"],
    [["bans", ...NODE, "--add", "1.1.1.1", "--for", "0"], "--for must be a whole number from 1"],
    [["stop", ...NODE], /does not run in \S+: there is nothing to stop/],
    [["mine", ...NODE, "--address", A], "does not run"],
    [["mine", ...NODE, "--address", "x"], "--address"],
    [["mine", ...NODE], "--address is missing: chain-node mine --address ADDRESS"],
    [["mine", ...NODE, "--address", A, "--blocks", "0"], "--blocks must be a whole number from 1"],
    [["mine", ...NODE, "--address", A, "--blocks", "-1"], "--blocks"],
    [["mine", ...NODE, "--address", A, "--blocks", "1e3"], "--blocks"],
    [["mine", ...NODE, "--address", A, "--blocks", "1001"], "to 1000"],
    [["printchain", ...NODE, "--limit", "0"], "--limit must be"],
    [["printchain", ...NODE, "--limit", "-1"], "--limit must be"],
    [["printchain", ...NODE, "--limit", "x"], "--limit must be"],
    [["printchain", ...NODE, "--from", "-1"], "--from must be"],
    [["printchain", ...NODE, "--from", "99999999999"], "--from must be"],
    [["startnode", ...NODE, "--role", "king"], "--role must be one of central, miner, wallet, spv"],
    [
      ["startnode", ...NODE, "--role", "spv", "--txindex"],
      "--txindex makes no sense with --role spv",
    ],
    [["startnode", ...NODE, "--role", "spv"], "does not know its chain"],
    [["startnode", ...NODE, "--role", "miner"], "add --miner ADDRESS"],
    [["startnode", ...NODE, "--role", "central", "--miner", A], "no sense"],
    [["startnode", ...NODE, "--miner", "x"], "--miner"],
    [["startnode", ...NODE, "-miner", "x"], "--miner"],
    [["startnode", ...NODE, "--mine-when", "2"], "for miners"],
    [["startnode", ...NODE, "--miner", A, "--mine-when", "-2"], "--mine-when must be"],
    [["startnode", ...NODE, "--miner", A, "--mine-when", "2.5"], "--mine-when must be"],
    [["startnode", ...NODE, "--connect", "127.0.0.1"], "HOST:PORT"],
    [["startnode", ...NODE, "--connect", "127.0.0.1:0"], "HOST:PORT"],
    [["startnode", ...NODE, "--connect", ":3000"], "HOST:PORT"],
    [["startnode", ...NODE, "--connect", "::1:3000"], "HOST:PORT"],
    [["startnode", ...NODE, "--connect", "[1.2.3.4]:3000"], "HOST:PORT"],
    [["startnode", ...NODE, "--connect", "a b:3000"], "HOST:PORT"],
    [["startnode", ...NODE, "--connect", ""], "HOST:PORT"],
    [["startnode", ...NODE, "--bind", ""], "--bind"],
    [["startnode", ...NODE, "--log", "xml"], "--log must be one of pretty, json"],
    [["startnode", ...NODE, "--log-level", "loud"], "--log-level must be one of"],
    [
      ["startnode", ...NODE, "--genesis", "/no/such/file"],
      "can't read the genesis file /no/such/file: there is no such file",
    ],
    [["startnode", ...NODE, "--genesis", "/"], "/ is not a file"],
    [["startnode", ...NODE, "--genesis", "/dev/zero"], "/dev/zero is not a file"],
    [["createblockchain", ...NODE, "--address", A, "--address", A], "--address is given more than"],
    [["startnode", ...NODE, "--genesis", ""], "can't read the genesis file"],
  ])("%j", (argv, why) => expectRefusal(argv, why));
});

describe("files that stand in the way", () => {
  let genesisBlock: string;
  beforeAll(async () => {
    genesisBlock = "00".repeat(200);
  });

  it("refuses a genesis file that holds no block", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "genesis.hex");
    for (const content of ["", "zz", genesisBlock, `${genesisBlock}0`, "\0\u001b[2J"]) {
      await writeFile(path, content);
      await expectRefusal(["startnode", ...NODE, "--genesis", path], /holds no block|genesis/);
    }
  });

  it("takes a data directory that is a file for what it is", async () => {
    const file = join(await temporaryDirectory(), "file");
    await writeFile(file, "");
    const { code, error } = await runProgram([
      "createblockchain",
      "--address",
      A,
      "--port",
      "3999",
      "--datadir",
      file,
    ]);
    expect(code).toBe(1);
    expect(error).toMatch(/^error: [^\n]*(ENOTDIR|EEXIST|not a directory)[^\n]*\n$/);
  });

  it.each(["a directory", "a file"])(
    "leaves %s in the place of the database alone",
    async (kind) => {
      const identity = await newIdentity();
      const { database } = identity.paths;
      await (kind === "a file" ? writeFile(database, "mine") : mkdir(database));
      const made = await runProgram(["createblockchain", "--address", A, ...asNode(identity)]);
      expect(made).toMatchObject({
        code: 1,
        error: expect.stringContaining("will not be overwritten"),
      });
      for (const command of ["startnode", "printchain", "reindexutxo", "genesis"]) {
        const { code, error } = await runProgram([command, ...asNode(identity)]);
        expect(code).toBe(1);
        expect(error).toMatch(/^error: [^\n]+\n$/);
        expect(error).not.toContain("unexpected");
      }
    },
  );
});
