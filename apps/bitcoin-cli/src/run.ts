import { UserError } from "@chain/fullnode";
import { RpcError } from "@chain/rpc";
import type { ProgramIo } from "@chain/terminal";
import { type Located, locate, Settings } from "@chain/terminal/bitcoin";
import { addressCounts } from "./addressInfo.ts";
import { Caller, Refused } from "./caller.ts";
import { Connection } from "./connection.ts";
import { byName, byPosition } from "./convert.ts";
import { CliError, ConnectionFailed } from "./error.ts";
import { INFO_METHODS, infoPage, paintOf } from "./getInfo.ts";
import type { Input } from "./input.ts";
import { NET_INFO_HELP, NET_INFO_METHODS, netInfoPage, netInfoWish } from "./netInfo.ts";
import { COMMANDS, KNOWN, optionsHelp } from "./options.ts";
import { errorText, resultText } from "./print.ts";
import { VERSION } from "./version.ts";

/** The output of a run at its end, and its exit code. */
interface Outcome {
  readonly text: string;
  readonly code: number;
}

/**
 * The whole program as a function. Core: bitcoin-cli.cpp.
 * @returns the exit code: 0; 1 where no call was made; else the node's error code without its sign
 * @example process.exitCode = await run(["-regtest", "getblockcount"], processIo(), processInput());
 */
export async function run(argv: readonly string[], io: ProgramIo, input: Input): Promise<number> {
  let settings: Settings;
  let located: Located;
  try {
    settings = new Settings(argv, KNOWN);
    const isVersion = settings.flag("version", false);
    if (argv.length === 0 || isVersion || settings.flag("help", false)) {
      await io.write(usage(isVersion));
      if (argv.length === 0) io.writeError("Error: too few parameters\n");
      return argv.length === 0 ? 1 : 0;
    }
    located = locate(settings);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const isWhole = error.message.startsWith("Error ");
    io.writeError(`${isWhole ? "" : "Error: "}${error.message}\n`);
    return 1;
  }
  const { text, code } = await new Run(settings, located, io, input).outcome();
  if (text !== "" && code === 0) await io.write(`${text}\n`);
  else if (text !== "") io.writeError(`${text}\n`);
  return code;
}

function usage(isVersion: boolean): string {
  // Programs look for the words "Bitcoin Core RPC client version".
  const version = `chain-cli, a Bitcoin Core RPC client version v${VERSION}\n`;
  if (isVersion) return version;
  return `${version}
Usage: chain-cli [options] <command> [params]
or:    chain-cli [options] -named <command> [name=value]...
or:    chain-cli [options] help
or:    chain-cli [options] help <command>

The node's commands are listed by "help", and each is explained by "help <command>".

${optionsHelp()}`;
}

class Run {
  readonly #settings: Settings;
  readonly #located: Located;
  readonly #io: ProgramIo;
  readonly #input: Input;

  constructor(settings: Settings, located: Located, io: ProgramIo, input: Input) {
    this.#settings = settings;
    this.#located = located;
    this.#io = io;
    this.#input = input;
  }

  async outcome(): Promise<Outcome> {
    try {
      const password = await this.#password();
      const words = await this.#words();
      const given = COMMANDS.filter(({ name }) => this.#settings.has(name));
      if (given.length > 1) {
        const names = given.map(({ name }) => `-${name}`).join(", ");
        throw new CliError(`Only one of ${names} may be specified.`);
      }
      const command = given.find(({ name }) => this.#settings.flag(name, false))?.name;
      if (command === "netinfo" && (words[0] === "h" || words[0] === "help")) {
        return { text: NET_INFO_HELP, code: 0 };
      }
      const warn = (line: string) => this.#io.writeError(`${line}\n`);
      const connection = new Connection(this.#settings, this.#located, warn, password);
      const caller = new Caller(connection, walletName(this.#settings));
      return { text: await this.#result(command, words, caller), code: 0 };
    } catch (error) {
      if (error instanceof RpcError) return errorText({ code: error.code, message: error.message });
      if (error instanceof Refused) return errorText(error.answer);
      if (error instanceof CliError || error instanceof ConnectionFailed) {
        return { text: `error: ${error.message}`, code: 1 };
      }
      throw error;
    }
  }

  async #password(): Promise<string | undefined> {
    if (!this.#settings.flag("stdinrpcpass", false)) return undefined;
    const line = await this.#input.secret("RPC password> ");
    if (line !== undefined) return line;
    throw new CliError("-stdinrpcpass specified but failed to read from standard input");
  }

  async #words(): Promise<readonly string[]> {
    const words = [...this.#settings.words];
    if (this.#settings.flag("stdinwalletpassphrase", false)) {
      const name = "-stdinwalletpassphrase";
      if (!words[0]?.startsWith("walletpassphrase")) {
        throw new CliError(`${name} is only applicable for walletpassphrase(change)`);
      }
      const line = await this.#input.secret("Wallet passphrase> ");
      if (line === undefined) {
        throw new CliError(`${name} specified but failed to read from standard input`);
      }
      words.splice(1, 0, line);
    }
    if (this.#settings.flag("stdin", false)) words.push(...(await this.#input.rest()));
    return words;
  }

  async #result(
    command: string | undefined,
    words: readonly string[],
    caller: Caller,
  ): Promise<string> {
    switch (command) {
      case "getinfo":
        return this.#info(words, caller);
      case "netinfo": {
        const wish = netInfoWish(words);
        const [peers = null, network = null] = await caller.callAll(NET_INFO_METHODS, 2);
        const head = `chain-cli v${VERSION} ${this.#located.network.chain}`;
        return netInfoPage(peers, network, wish, head, Math.floor(Date.now() / 1000));
      }
      case "addrinfo":
        if (words.length > 0) throw new CliError("-addrinfo takes no arguments");
        return resultText(addressCounts(await caller.call("getnodeaddresses", [0])));
      case "generate":
        return this.#generate(words, caller);
      default: {
        const [method, ...rest] = words;
        if (method === undefined) {
          throw new CliError("too few parameters (need at least command)");
        }
        const convert = this.#settings.flag("named", false) ? byName : byPosition;
        return resultText(await caller.call(method, convert(method, rest)));
      }
    }
  }

  async #info(words: readonly string[], caller: Caller): Promise<string> {
    if (words.length > 0) throw new CliError("-getinfo takes no arguments");
    const paint = paintOf(this.#settings.text("color") ?? "auto", this.#io.colour);
    const results = await caller.callAll(INFO_METHODS, 2);
    const balances = caller.hasWallet ? new Map<string, string>() : await caller.balances();
    return infoPage(results, balances, paint);
  }

  async #generate(words: readonly string[], caller: Caller): Promise<string> {
    const address = await caller.newAddress();
    if (words.length > 2) {
      throw new CliError("too many arguments (maximum 2 for nblocks and maxtries)");
    }
    const [count = "1", ...maxTries] = words;
    if (count === "0") {
      const what = "the first argument (number of blocks to generate, default: 1)";
      throw new CliError(`${what} must be an integer value greater than zero`);
    }
    const params = byPosition("generatetoaddress", [count, address, ...maxTries]);
    const blocks = await caller.call("generatetoaddress", params);
    return resultText({ address, blocks });
  }
}

/** As `-norpcwallet` says: none. */
function walletName(settings: Settings): string | undefined {
  return settings.isNegated("rpcwallet") ? undefined : settings.text("rpcwallet");
}
