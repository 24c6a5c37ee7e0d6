import type { BlockHash, Txid, Wtxid } from "@chain/core";
import type { BlockDescription, HeaderDescription } from "./describe.ts";
import type { PeerDescription } from "./describePeer.ts";
import type { EntryDescription, TransactionDescription } from "./describeTransaction.ts";

/** What each method of the control connection answers. Amounts called `…fee` and `…amount` are in coins, as Core's. */
export interface RpcResults {
  readonly getblockchaininfo: {
    readonly chain: string;
    readonly blocks: number;
    readonly headers: number;
    readonly bestblockhash: BlockHash;
    readonly difficulty: number;
    readonly time: number;
    readonly mediantime: number;
    readonly verificationprogress: number;
    readonly initialblockdownload: boolean;
    readonly chainwork: string;
    readonly pruned: boolean;
    /** Of signets: the script that each block must have a solution of, in hex. */
    readonly signet_challenge?: string;
  };
  readonly getnodeinfo: NodeInfo;
  readonly getconnectioncount: number;
  readonly getpeerinfo: readonly PeerDescription[];
  readonly ping: null;
  /** Whether there may be connections now. */
  readonly setnetworkactive: boolean;
  readonly addnode: null;
  readonly getaddednodeinfo: readonly AddedNodeDescription[];
  readonly getnodeaddresses: readonly AddressDescription[];
  readonly getnetworkinfo: {
    readonly subversion: string;
    readonly protocolversion: number;
    readonly localservices: string;
    readonly localservicesnames: readonly string[];
    readonly localrelay: boolean;
    /** Seconds that most peers' clocks are ahead of ours. */
    readonly timeoffset: number;
    readonly networkactive: boolean;
    readonly connections: number;
    readonly connections_in: number;
    readonly connections_out: number;
    readonly relayfee: number;
    readonly incrementalfee: number;
    /** Warnings for the operator, a sentence each. */
    readonly warnings: readonly string[];
  };
  /** `null` where the block is taken, else why not (BIP-0022). */
  readonly submitblock: string | null;
  readonly submitheader: null;
  readonly preciousblock: null;
  readonly invalidateblock: null;
  readonly reconsiderblock: null;
  readonly getnettotals: {
    /** Of the peers that are connected now. */
    readonly totalbytesrecv: number;
    readonly totalbytessent: number;
    readonly timemillis: number;
    readonly uploadtarget: {
      /** Seconds. */
      readonly timeframe: number;
      /** Bytes; 0: no end. */
      readonly target: number;
      readonly target_reached: boolean;
      readonly serve_historical_blocks: boolean;
      readonly bytes_left_in_cycle: number;
      /** Seconds. */
      readonly time_left_in_cycle: number;
    };
  };
  readonly disconnectnode: null;
  readonly setban: null;
  readonly listbanned: readonly BanDescription[];
  readonly clearbanned: null;
  readonly getblockcount: number;
  readonly getbestblockhash: BlockHash;
  readonly getblockhash: BlockHash;
  /** Hex where `verbose` is false. */
  readonly getblockheader: HeaderDescription | string;
  /** Hex where `verbosity` is 0; whole transactions where it is 2. */
  readonly getblock: BlockDescription | DetailedBlockDescription | string;
  readonly getblockundo: string | null;
  readonly getchaintips: readonly TipDescription[];
  /** By txid where `verbose` is true. */
  readonly getrawmempool: readonly Txid[] | Readonly<Record<Txid, EntryDescription>>;
  readonly getmempoolentry: EntryDescription;
  readonly getmempoolinfo: {
    readonly loaded: boolean;
    readonly size: number;
    readonly bytes: number;
    readonly usage: number;
    readonly total_fee: number;
    readonly maxmempool: number;
    readonly mempoolminfee: number;
    readonly minrelaytxfee: number;
    readonly incrementalrelayfee: number;
    /** Transactions of our own that no peer has shown to know. */
    readonly unbroadcastcount: number;
    readonly fullrbf: boolean;
  };
  readonly sendrawtransaction: Txid;
  readonly submitpayment: Txid;
  readonly testmempoolaccept: readonly AcceptanceDescription[];
  /** Hex where `verbosity` is 0. */
  readonly getrawtransaction: (Partial<TransactionPlace> & TransactionDescription) | string;
  readonly decoderawtransaction: Omit<TransactionDescription, "hex">;
  readonly generatetoaddress: readonly BlockHash[];
  readonly gettxoutsetinfo: {
    readonly height: number;
    readonly bestblock: BlockHash;
    readonly txouts: number;
    readonly total_amount: number;
    /** Core's hash_serialized_3: equal sets have equal hashes. */
    readonly coins_hash: string;
  };
  readonly listunspentbyscript: {
    readonly height: number;
    readonly coins: readonly UnspentDescription[];
  };
  readonly setmocktime: null;
  readonly mockscheduler: null;
  readonly addpeeraddress: {
    readonly success: boolean;
    readonly error?: "failed-adding-to-new" | "failed-adding-to-tried";
  };
  readonly addconnection: { readonly address: string; readonly connection_type: string };
  /** Seconds. */
  readonly uptime: number;
  readonly stop: string;
}

export interface DetailedBlockDescription extends Omit<BlockDescription, "tx"> {
  readonly tx: readonly TransactionDescription[];
}

/** The end of a branch. */
export interface TipDescription {
  readonly height: number;
  readonly hash: BlockHash;
  /** Blocks that are not in the best chain. */
  readonly branchlen: number;
  /** `headers-only`: bodies are missing; `valid-headers`: none was connected; `valid-fork`: it once was the best chain. */
  readonly status: "active" | "valid-fork" | "valid-headers" | "headers-only" | "invalid";
}

export interface AcceptanceDescription {
  readonly txid: Txid;
  readonly wtxid: Wtxid;
  readonly allowed: boolean;
  /** Virtual bytes. */
  readonly vsize?: number;
  readonly fees?: { readonly base: number };
  readonly "reject-reason"?: string;
}

/** Where a transaction of a block stands; times in seconds since 1970, of a block of the best chain only. */
export interface TransactionPlace {
  readonly in_active_chain: boolean;
  readonly blockhash: BlockHash;
  readonly confirmations: number;
  readonly time?: number;
  readonly blocktime?: number;
}

export interface AddedNodeDescription {
  /** `host:port`, as it was given. */
  readonly addednode: string;
  readonly connected: boolean;
  readonly addresses: readonly {
    readonly address: string;
    readonly connected: "inbound" | "outbound";
  }[];
}

export interface AddressDescription {
  /** When it was last heard of. Seconds since 1970. */
  readonly time: number;
  readonly services: number;
  readonly address: string;
  readonly port: number;
  readonly network: "ipv4" | "ipv6";
}

export interface BanDescription {
  /** `10.1.0.0/16` */
  readonly address: string;
  /** Seconds since 1970. */
  readonly ban_created: number;
  readonly banned_until: number;
  /** Seconds. */
  readonly ban_duration: number;
  readonly time_remaining: number;
}

export type RpcMethod = keyof RpcResults;

export interface NodeInfo {
  readonly node_id: number;
  readonly network: string;
  /** Of a signet of one's own: the script that blocks must have a solution of, in hex, and seconds between blocks. */
  readonly signet_challenge?: string;
  readonly signet_blocktime?: number;
  readonly role: string;
  readonly pid: number;
  /** Seconds. */
  readonly uptime: number;
  readonly height: number;
  /** Height of the best header that is known: above `height` while blocks are missing. */
  readonly headers: number;
  readonly bestblockhash: BlockHash;
  /** The whole block, in hex. */
  readonly genesis: string;
  readonly connections_in: number;
  readonly connections_out: number;
  /** Waiting transactions. */
  readonly mempool: number;
  /** Which body checks signatures: `native`, `wasm` or `noble`. */
  readonly signatures: string;
  /** Warnings for the operator, a sentence each. */
  readonly warnings: readonly string[];
}

export interface UnspentDescription {
  readonly txid: Txid;
  readonly vout: number;
  /** Coins. */
  readonly amount: number;
  readonly height: number;
  readonly coinbase: boolean;
  readonly pending: boolean;
}
