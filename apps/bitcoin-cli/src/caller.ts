import { ChainError, type ChainErrorOptions } from "@chain/core";
import { type Json, RPC_METHOD_NOT_FOUND } from "@chain/rpc";
import type { Connection } from "./connection.ts";
import { CliError } from "./error.ts";
import { field, fieldText, isObject, listOf } from "./print.ts";

/** The node has answered with an error. */
export class Refused extends ChainError<"refused"> {
  override readonly name = "Refused";
  /** Its `error`. */
  readonly answer: Json;

  constructor(answer: Json, options?: ChainErrorOptions) {
    super("refused", "the node refuses", options);
    this.answer = answer;
  }
}

/** Calls methods of one node, of one wallet where one is named. */
export class Caller {
  readonly hasWallet: boolean;
  readonly #connection: Connection;
  readonly #path: string;

  constructor(connection: Connection, wallet: string | undefined) {
    this.#connection = connection;
    this.hasWallet = wallet !== undefined;
    this.#path = walletPath(wallet);
  }

  /** @throws Refused, CliError, ConnectionFailed */
  async call(method: string, params: Json, path: string = this.#path): Promise<Json> {
    const answer = await this.#connection.call(requestOf(method, params, 1), path);
    if (!isObject(answer) || Object.keys(answer).length === 0) {
      throw new CliError("expected reply to have result, error and id properties");
    }
    const error = field(answer, "error");
    if (error !== null) throw new Refused(error);
    return field(answer, "result");
  }

  /**
   * Calls several at once, without parameters.
   * @param needed how many of the first must not fail; for another, `null` is returned
   */
  async callAll(methods: readonly string[], needed: number): Promise<readonly Json[]> {
    const batch = methods.map((method, id) => requestOf(method, [], id));
    const answers = await this.#connection.call(batch, this.#path);
    if (!Array.isArray(answers)) {
      const error = field(answers, "error");
      throw error === null ? new CliError("Batch must be an array") : new Refused(error);
    }
    const all = listOf(answers);
    return methods.map((_, id) => {
      const answer = all.find((each) => fieldText(each, "id") === String(id)) ?? null;
      const error = field(answer, "error");
      if (error !== null && id < needed) throw new Refused(error);
      return field(answer, "result");
    });
  }

  /** Balances of wallets, where there are several. */
  async balances(): Promise<Map<string, string>> {
    const names = await this.call("listwallets", []).catch(orNothing);
    const found = new Map<string, string>();
    if (listOf(names).length <= 1) return found;
    for (const name of listOf(names)) {
      const wallet = String(name);
      const answer = await this.call("getbalances", [], walletPath(wallet)).catch(orNothing);
      found.set(wallet, fieldText(answer, "mine", "trusted"));
    }
    return found;
  }

  /** @throws Refused that says what is missing where the node has no wallet */
  async newAddress(): Promise<string> {
    try {
      return String(await this.call("getnewaddress", []));
    } catch (error) {
      const isUnknown =
        error instanceof Refused && field(error.answer, "code") === RPC_METHOD_NOT_FOUND;
      if (!isUnknown) throw error;
      const message = `${fieldText(error.answer, "message")}: -generate pays to the node's wallet, and it has none: call generatetoaddress NBLOCKS ADDRESS`;
      throw new Refused({ code: RPC_METHOD_NOT_FOUND, message }, { cause: error });
    }
  }
}

function walletPath(wallet: string | undefined): string {
  return wallet === undefined ? "/" : `/wallet/${encodeURIComponent(wallet)}`;
}

function requestOf(method: string, params: Json, id: number): Json {
  return { jsonrpc: "2.0", method, params, id };
}

function orNothing(error: unknown): Json {
  if (error instanceof Refused) return null;
  throw error;
}
