import type { BlockHash, HeaderNode } from "@chain/core";
import { present } from "@chain/core/arguments";
import { type Call, defineMethod, type Method } from "../../define/method.ts";
import {
  dict,
  hex,
  list as listOf,
  maybe,
  none,
  num,
  obj,
  text,
  time,
} from "../../define/result.ts";
import {
  hexText,
  list,
  object,
  readHash,
  readList,
  readString,
  string,
} from "../../define/types.ts";
import { describeTemplate } from "../../describe/template.ts";
import {
  RPC_CLIENT_IN_INITIAL_DOWNLOAD,
  RPC_CLIENT_NOT_CONNECTED,
  RPC_DESERIALIZATION_ERROR,
  RPC_INVALID_PARAMETER,
  RPC_TYPE_ERROR,
  RpcError,
} from "../../errors.ts";
import type { RpcHost } from "../../host.ts";
import type { Json } from "../../json/parse.ts";
import { decodeBlock } from "../decode.ts";
import { refusable } from "../mineBlocks.ts";
import { testBlock } from "../testBlock.ts";
import { waitForTip } from "../waiting.ts";

/** When a caller that waits is told of new transactions: after a minute, and then every ten seconds. Milliseconds. */
const FIRST_LOOK = 60_000;
const NEXT_LOOK = 10_000;

export const getblocktemplate: Method = defineMethod({
  name: "getblocktemplate",
  category: "mining",
  description:
    "If the request parameters include a 'mode' key, that is used to explicitly select between the default 'template' request or a 'proposal'.\nIt returns data needed to construct a block to work on.\nFor full specification, see BIPs 22, 23, 9, and 145.",
  arguments: [
    object(
      "template_request",
      [
        string("mode", {
          text: 'This must be set to "template", "proposal" (see BIP23), or omitted',
          optional: true,
        }),
        list(
          "capabilities",
          string("str", { text: "A client side supported feature", optional: true }),
          {
            text: "A list of strings",
            optional: true,
          },
        ),
        list("rules", string("str", { text: "A client side supported softfork", optional: true }), {
          text: "A list of strings: segwit must be one of them",
        }),
        string("longpollid", {
          text: "The call waits until the tip is another than that of this, or there are new transactions",
          optional: true,
        }),
        hexText("data", {
          text: "Proposed block data to check, only for mode=proposal",
          optional: true,
        }),
      ],
      { text: "Format of the template", oneLine: "template_request" },
    ),
  ],
  results: [
    { when: "If the proposal was accepted with mode=='proposal'", schema: none() },
    {
      when: "If the proposal was not accepted with mode=='proposal'",
      schema: text("According to BIP22"),
    },
    {
      when: "Otherwise",
      schema: obj({
        capabilities: listOf(text("A supported feature"), "The features that this server supports"),
        version: num("The preferred block version"),
        rules: listOf(text("The name of a rule"), "Specific block rules that are to be enforced"),
        vbavailable: dict(num("Its bit"), "Deployments that can be signalled for", "rulename"),
        vbrequired: num("Bit mask of versionbits the server requires set in submissions"),
        previousblockhash: hex("The hash of current highest block"),
        transactions: listOf(
          obj({
            data: hex("The transaction"),
            txid: hex("Its id"),
            hash: hex("Its hash with witness data"),
            depends: listOf(num("Its number, from 1"), "Transactions that have to come before it"),
            fee: num("The fee that it pays, in satoshis"),
            sigops: num("Total SigOps cost, as counted for purposes of block limits"),
            weight: num("Total transaction weight"),
          }),
          "Non-coinbase transactions that should be included in the next block",
        ),
        coinbaseaux: dict(hex("Data"), "Data that should be included in the coinbase", "key"),
        coinbasevalue: num("Most that the coinbase may pay, in satoshis"),
        longpollid: text("For the next request, to wait for another template"),
        target: hex("The hash target"),
        mintime: time("The minimum timestamp for the next block time"),
        mutable: listOf(text("A way to change the template"), "Ways that are allowed"),
        noncerange: hex("A range of valid nonces"),
        sigoplimit: num("Limit of sigops in blocks"),
        sizelimit: num("Limit of block size"),
        weightlimit: maybe(num("Limit of block weight")),
        curtime: time("Current timestamp in seconds since 1970"),
        bits: hex("Compressed target of next block"),
        height: num("The height of the next block"),
        signet_challenge: maybe(hex("The signet challenge (only on a signet)")),
        default_witness_commitment: maybe(hex("A valid witness commitment for the template")),
      }),
    },
  ],
  errors: [
    {
      code: RPC_INVALID_PARAMETER,
      when: "the mode or the longpollid is none, or a rule that must be known is not",
    },
    { code: RPC_TYPE_ERROR, when: "a proposal has no data" },
    { code: RPC_DESERIALIZATION_ERROR, when: "the data of a proposal is no block" },
    { code: RPC_CLIENT_NOT_CONNECTED, when: "there is no peer (on networks that others share)" },
    { code: RPC_CLIENT_IN_INITIAL_DOWNLOAD, when: "blocks are still missing (there)" },
  ],
  examples: [[{ rules: ["segwit"] }]],
  run: async ({ template_request: request }, host, call) => {
    const { mode = null, longpollid = null, rules = null } = request;
    if (mode !== null && typeof mode !== "string") {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid mode");
    }
    if (mode === "proposal") return propose(request["data"] ?? null, host);
    if (mode !== null && mode !== "template") {
      throw new RpcError(RPC_INVALID_PARAMETER, "Invalid mode");
    }
    const known = new Set(Array.isArray(rules) ? readList(rules).map(readString) : []);
    if (host.mocking === undefined) requirePeers(host);
    if (longpollid !== null) await longPoll(longpollid, call);
    const { chain } = host;
    const template = await refusable(() => describeTemplate(host, known, chain.mempoolSequence));
    return present(template, "a template");
  },
});

/** Core: `miner.isTestChain()` is none. @throws RpcError -9, -10 */
function requirePeers({ chain, node }: RpcHost): void {
  if (node.peers().length === 0) {
    throw new RpcError(RPC_CLIENT_NOT_CONNECTED, "Bitcoin Core is not connected!");
  }
  if (chain.initialDownload) {
    const message = "Bitcoin Core is in initial sync and waiting for blocks...";
    throw new RpcError(RPC_CLIENT_IN_INITIAL_DOWNLOAD, message);
  }
}

/** BIP-0023. */
async function propose(data: Json, host: RpcHost): Promise<string | null> {
  if (typeof data !== "string") {
    throw new RpcError(RPC_TYPE_ERROR, "Missing data String key for proposal");
  }
  const block = decodeBlock(data);
  const { chain } = host;
  const node = chain.headers.get(block.hash);
  if (node !== undefined) return duplicate(node, host);
  if (block.header.previousHash !== chain.tip.hash) return "inconclusive-not-best-prevblk";
  const verdict = await testBlock(block, host);
  return verdict.ok ? null : verdict.reason;
}

async function duplicate(node: HeaderNode, { chain }: RpcHost): Promise<string> {
  if (node.invalidReason !== undefined) return "duplicate-invalid";
  const isValid = chain.headers.isActive(node) || (await chain.wasConnected(node.hash));
  return isValid ? "duplicate" : "duplicate-inconclusive";
}

/** Waits until there is another tip, or, after a while, other transactions. BIP-0022. */
async function longPoll(id: Json, call: Call): Promise<void> {
  const { chain } = call.host;
  const watched =
    typeof id === "string" ? readHash<BlockHash>(id.slice(0, 64), "longpollid") : chain.tip.hash;
  const changes = typeof id === "string" ? Number(id.slice(64)) : chain.mempoolSequence;
  let wait = FIRST_LOOK;
  while (chain.tip.hash === watched && !call.signal.aborted) {
    if (call.signal.ending === true) throw new RpcError(RPC_CLIENT_NOT_CONNECTED, "Shutting down");
    await waitForTip(call, ({ hash }) => hash !== watched, wait);
    if (chain.mempoolSequence !== changes) return;
    wait = NEXT_LOOK;
  }
}
