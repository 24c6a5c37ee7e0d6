import {
  Block,
  type BlockHash,
  bytesToHex,
  type ChainParams,
  type Milliseconds,
  parseId,
  type Refusal,
  type Transaction,
  type Txid,
} from "@chain/core";
import { requireFields, requireOptions } from "@chain/core/arguments";
import type { SpendableCoin } from "@chain/engine";
import type { RpcResults } from "@chain/rpc/client";
import { RpcError } from "@chain/rpc/client";
import { UserError } from "../errors.ts";
import type { NodePaths } from "../identity.ts";
import { findNetwork, type Network } from "../networks.ts";
import { checkAnswer, unreadable } from "./answers.ts";
import { Connection } from "./connection.ts";
import { readControlFile } from "./file.ts";

/** Longest wait for an answer, unless more is given. Milliseconds. */
const TIMEOUT: Milliseconds = 30_000;
/** For one block: a quarter of a second of hashing on average, times what bad luck and other work may make of it. */
const MINING_TIMEOUT: Milliseconds = 120_000;
/** A light node waits up to 75 seconds for what its peers make of a transaction. Milliseconds. */
const SUBMIT_TIMEOUT: Milliseconds = 90_000;
/** Core's code of an error that is no refusal. */
const RPC_MISC_ERROR = -1;

export type RpcMethod = keyof RpcResults;
export type PeerDescription = RpcResults["getpeerinfo"][number];
type NodeInfo = RpcResults["getnodeinfo"];

/** A running node's description of itself. */
export interface RunningInfo extends NodeInfo {
  readonly bestblockhash: BlockHash;
}

/** A running node of this machine. */
export interface ControlClient {
  readonly nodeId: number;
  readonly pid: number;
  readonly params: ChainParams;
  /** Whether it is a light node: it knows the coins of the scripts alone that it was told to watch. */
  readonly isLight: boolean;
  /**
   * Calls a method by its name.
   * @throws RpcError with the node's refusal; UserError `no-node` where it has ended before the call,
   *   `unreachable` where it has not got the call, or the call changes nothing, and `uncertain` where it may have been
   *   done, and no answer came.
   * @example await control.call("getblockhash", { height: 1 })
   */
  call<Name extends RpcMethod>(
    method: Name,
    params?: Readonly<Record<string, unknown>>,
    options?: { readonly timeout?: Milliseconds },
  ): Promise<RpcResults[Name]>;
  info(): Promise<RunningInfo>;
  /** The coins that a script can spend, as the node knows them, its mempool included. */
  coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]>;
  /**
   * Hands in a transaction. A refusal is returned, with Core's reason.
   * @param options.isNew it must neither be known already nor replace another; otherwise its fee may be any
   */
  submit(
    transaction: Transaction,
    options?: { readonly isNew?: boolean },
  ): Promise<{ readonly ok: true; readonly txid: Txid } | Pick<Refusal, "ok" | "reason" | "debug">>;
  /** Mines one block that pays this address. */
  mine(address: string): Promise<{ readonly hash: BlockHash; readonly height: number }>;
  /** Nothing stays open between calls; here so that a running node and an open database end alike. */
  close(): Promise<void>;
}

/**
 * The running node whose files these are.
 * @returns `undefined` if it does not run: no control file is there, or its process has ended, or another program
 *   answers at its port, one that does not know the cookie.
 * @param options `wait`: how long a process that lives may take to answer, in milliseconds; half a minute by default
 * @throws UserError `unreachable` where the process lives and has not answered in this time.
 * @example await openControl(identity.paths) // undefined: the node does not run
 */
export async function openControl(
  paths: Pick<NodePaths, "control">,
  options: { readonly wait?: Milliseconds } = {},
): Promise<ControlClient | undefined> {
  requireFields(paths, "paths", { control: "string" });
  requireOptions(options, "options", { wait: "number?" });

  const { wait = TIMEOUT } = options;

  for (let last: string | undefined; ; ) {
    const file = await readControlFile(paths.control);
    // The file of the same process again: it does not run. That of another: it has been started meanwhile.
    if (file === undefined || file.cookie === last) return undefined;
    last = file.cookie;
    const rpc = new Connection(file, paths.control);
    const answer = await rpc.tryCall("getnodeinfo", {}, wait);
    if (answer === undefined) continue;
    const { pid, genesis, role, ...info } = checkAnswer("getnodeinfo", answer);
    const params = networkOf(info).chainParams(Block.fromHex(genesis));
    return new RunningControl(rpc, { pid, params, isLight: role === LIGHT_ROLE });
  }
}

/** Of a node without the chain. */
const LIGHT_ROLE = "spv";

/** The network of a node, by what it says. */
function networkOf({ network, ...info }: Pick<NodeInfo, "network"> & Partial<NodeInfo>): Network {
  const { signet_challenge: challenge, signet_blocktime: blockTime } = info;
  return findNetwork({
    network,
    ...(challenge !== undefined && { signetchallenge: [challenge] }),
    ...(blockTime !== undefined && { signetblocktime: [String(blockTime)] }),
  });
}

class RunningControl implements ControlClient {
  readonly nodeId: number;
  readonly pid: number;
  readonly params: ChainParams;
  readonly isLight: boolean;
  readonly #rpc: Connection;

  constructor(
    rpc: Connection,
    { pid, params, isLight }: Pick<ControlClient, "pid" | "params" | "isLight">,
  ) {
    this.#rpc = rpc;
    this.nodeId = rpc.nodeId;
    this.pid = pid;
    this.params = params;
    this.isLight = isLight;
  }

  async call<Name extends RpcMethod>(
    method: Name,
    params: Readonly<Record<string, unknown>> = {},
    options: { readonly timeout?: Milliseconds } = {},
  ): Promise<RpcResults[Name]> {
    const answer = await this.#rpc.tryCall(method, params, options.timeout ?? TIMEOUT);
    if (answer === undefined) {
      throw new UserError("no-node", `node ${this.nodeId} does not run any more`);
    }
    return checkAnswer(method, answer);
  }

  async info(): Promise<RunningInfo> {
    const info = await this.call("getnodeinfo");
    return { ...info, bestblockhash: parseId(info.bestblockhash) };
  }

  async coins(scriptPubKey: Uint8Array): Promise<SpendableCoin[]> {
    const { coins } = await this.call("listunspentbyscript", { script: bytesToHex(scriptPubKey) });
    return coins.map(({ txid, vout, amount, height, coinbase, pending }) => ({
      outpoint: { txid: parseId<Txid>(txid), vout },
      coin: { value: BigInt(Math.round(amount * 1e8)), scriptPubKey, height, coinbase },
      pending,
    }));
  }

  async submit(
    transaction: Transaction,
    { isNew = false }: { readonly isNew?: boolean } = {},
  ): Promise<
    { readonly ok: true; readonly txid: Txid } | Pick<Refusal, "ok" | "reason" | "debug">
  > {
    const hexstring = bytesToHex(transaction.toBytes());
    const options = { timeout: SUBMIT_TIMEOUT };
    try {
      const txid = isNew
        ? await this.call("submitpayment", { hexstring }, options)
        : await this.call("sendrawtransaction", { hexstring, maxfeerate: 0 }, options);
      return { ok: true, txid: parseId(txid) };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      // A fault of the node, or a light node that was told of no fate yet.
      if (error.code === RPC_MISC_ERROR) {
        throw new UserError("uncertain", error.message, { cause: error });
      }
      // As in Core, the details of a refusal stand behind its reason, which has no comma.
      const [reason = "", ...details] = error.message.split(", ");
      return { ok: false, reason, ...(details.length > 0 && { debug: details.join(", ") }) };
    }
  }

  async mine(address: string): Promise<{ readonly hash: BlockHash; readonly height: number }> {
    const timeout = MINING_TIMEOUT;
    const [hash] = await this.call("generatetoaddress", { nblocks: 1, address }, { timeout });
    if (hash === undefined) throw unreadable("generatetoaddress");
    const header = await this.call("getblockheader", { blockhash: hash });
    if (typeof header === "string") throw unreadable("getblockheader");
    return { hash: parseId(hash), height: header.height };
  }
  async close(): Promise<void> {}
}
