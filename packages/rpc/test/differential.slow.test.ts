/**
 * Methods that only read, asked of ours and of Bitcoin Knots 29 (`bitcoind`) on the same chain, which has a stale branch,
 * and with the same unconfirmed family. Fields that differ stand in `DIFFERENCES`, with why.
 */
import { execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bytesToHex,
  hash160,
  hexToBytes,
  type LocatedCoin,
  regtest,
  type Transaction,
} from "@chain/core";
import { MINER, payment } from "@chain/testing/blockFactory";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { encodeAddress } from "@chain/wallet";
import { expect, onTestFinished, test } from "vitest";
import { RpcError } from "../src/errors.ts";
import { RestServer } from "../src/rest/server.ts";
import { outputOf, START, startHost } from "./support/host.ts";
import { readingQuestions } from "./support/readingQuestions.ts";
import { signingQuestions } from "./support/signingQuestions.ts";

/** The command that is called, from the path. */
const PROGRAM: string = "bitcoind";

const version = (() => {
  try {
    return /v(\d+\.\d+)/.exec(execFileSync(PROGRAM, ["--version"], { encoding: "utf8" }))?.[1];
  } catch {
    return undefined;
  }
})();

const NEWER = "Core 31 has it, and Knots 29 has not";
const KNOTS = "Knots alone has it";
const OURS = "ours is handed the transactions, and theirs are its own: no peer knows them";

/** A string is written into its stream, and so with its length. */
const BODY =
  "Core reads the length of the body as its first byte, and so answers for other outputs";

/** Fields that differ, as `method.path`, with `*` for what is data. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  getdifficulty: "this build of Knots has no such method",
  "getblockheader.txcount": KNOTS,
  "getblockheader.header_version": KNOTS,
  "getblockheader.*.txcount": KNOTS,
  "getblockheader.*.header_version": KNOTS,
  "rest:/rest/blockhashbyheight/%20.hex:text": "Core 31 lets the sign pass",
  "rest.size_on_disk": "Core allocates its files ahead, and this host has none",
  "rest:/rest/mempool/x.json:text": "Knots has one more kind of information",
  "rest:/rest/getutxos.bin:status": BODY,
  "rest:/rest/getutxos.bin:type": BODY,
  "rest:/rest/getutxos.bin:text": BODY,
  "rest:/rest/getutxos.hex:text": BODY,
  "getblock.coinbase_tx": NEWER,
  "getblock.txcount": KNOTS,
  "getblock.header_version": KNOTS,
  "getblockchaininfo.size_on_disk": "Core allocates its files ahead, and this host has none",
  "getdeploymentinfo.script_flags": NEWER,
  "getmempoolinfo.usage": "each counts the memory of its own build",
  "getmempoolinfo.unbroadcastcount": OURS,
  "getmempoolinfo.fullrbf": "our regtest asks for BIP-0125, Knots 29 for nothing",
  "getmempoolinfo.permitbaremultisig": NEWER,
  "getmempoolinfo.maxdatacarriersize": NEWER,
  "getmempoolinfo.dustrelayfee": KNOTS,
  "getmempoolinfo.dustrelayfeefloor": KNOTS,
  "getmempoolinfo.dustdynamic": KNOTS,
  "getmempoolinfo.rbf_policy": KNOTS,
  "getmempoolinfo.truc_policy": KNOTS,
  ...Object.fromEntries(
    ["getrawmempool.*", "getmempoolentry", "getmempooldescendants.*"].flatMap((path) => [
      [`${path}.unbroadcast`, OURS],
      [`${path}.startingpriority`, KNOTS],
      [`${path}.currentpriority`, KNOTS],
      [`${path}.hash`, KNOTS],
    ]),
  ),
  "getchainstates.chainstates.*.coins_db_cache_bytes": "this host has no disk",
  "getchainstates.chainstates.*.coins_tip_cache_bytes": "this host has no disk",
  "gettxoutsetinfo.disk_size": "this host has no disk",
  "testmempoolaccept.*.reject-reason":
    "Core says that a transaction is in a block only while its outputs are in its cache",
  "testmempoolaccept.*.reject-details": "the same",
  "testmempoolaccept.*.usage": KNOTS,
  "getmininginfo.blockmintxfee": NEWER,
  "getmininginfo.currentblocksize": "what a node has mined itself, and ours has not",
  "getmininginfo.currentblockweight": "the same",
  "getmininginfo.currentblocktx": "the same",
  "getblocktemplate.longpollid": "each counts changes in its own way",
  "signrawtransactionwithkey.fee": KNOTS,
  "signrawtransactionwithkey.feerate": KNOTS,
  "getprioritisedtransactions.*.priority_delta": KNOTS,
  importmempool: "Knots says debug log, and Core debug.log",
  uptime: "they were not started at once",
};

type Call = <Result = unknown>(method: string, ...params: readonly unknown[]) => Promise<Result>;

/** An answer of REST: status, type and text, the latter in hex where it is binary. */
type Rest = (uri: string, body?: Uint8Array) => Promise<readonly [number, string, string]>;

async function startKnots(): Promise<{ readonly call: Call; readonly rest: Rest }> {
  const [directory, port, rpc] = [await temporaryDirectory(), await freePort(), await freePort()];
  const child = spawn(
    PROGRAM,
    [
      "-regtest",
      `-datadir=${directory}`,
      `-bind=127.0.0.1:${port}`,
      `-rpcport=${rpc}`,
      "-connect=0",
      "-dnsseed=0",
      "-fixedseeds=0",
      "-natpmp=0",
      "-listenonion=0",
      "-printtoconsole=0",
      "-rest",
    ],
    { stdio: "ignore" },
  );
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  });
  const call: Call = async (method, ...params) => {
    const cookie = await readFile(join(directory, "regtest", ".cookie"), "utf8");
    const response = await fetch(`http://127.0.0.1:${rpc}/`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}` },
      body: JSON.stringify({ id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as {
      result: never;
      error: { code: number; message: string } | null;
    };
    if (error !== null) throw new RpcError(error.code, error.message);
    return result;
  };
  await expect.poll(() => call("getblockcount").catch(() => -1), { timeout: 60_000 }).toBe(0);
  const rest: Rest = async (uri, body) => {
    const request = body === undefined ? {} : { method: "POST", body: Uint8Array.from(body) };
    const response = await fetch(`http://127.0.0.1:${rpc}${uri}`, request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return restAnswer(response.status, response.headers.get("content-type") ?? "", bytes);
  };
  return { call, rest };
}

function restAnswer(status: number, type: string, body: Uint8Array): Awaited<ReturnType<Rest>> {
  const isBinary = type === "application/octet-stream";
  return [status, type, isBinary ? bytesToHex(body) : new TextDecoder().decode(body)];
}

/** Paths at which two values differ. */
function differences(a: unknown, b: unknown, path: string): readonly string[] {
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].flatMap((name) =>
      differences(
        (a as Record<string, unknown>)[name],
        (b as Record<string, unknown>)[name],
        `${path}.${/^\d+$|^[0-9a-f]{64}$/.test(name) ? "*" : name}`,
      ),
    );
  }
  return a === b ? [] : [`${path} ${JSON.stringify(a)} ${JSON.stringify(b)}`];
}

/** The method whose fields a resource has. */
const REST_METHODS: Readonly<Record<string, string>> = {
  block: "getblock",
  headers: "getblockheader",
  chaininfo: "getblockchaininfo",
  deploymentinfo: "getdeploymentinfo",
  mempool: "getmempoolinfo",
};

/** Every resource in every form, and what is wrong with an address. */
function restAddresses(about: {
  readonly block: string;
  readonly stale: string;
  readonly txid: string;
  readonly outpoints: readonly string[];
}): readonly string[] {
  const { block, stale, txid, outpoints } = about;
  const none = "f".repeat(64);
  const asked = outpoints.join("/");
  const forms = (path: string, query = "") =>
    ["bin", "hex", "json"].map((form) => `${path}.${form}${query}`);
  return [
    ...forms(`block/${block}`),
    ...forms(`block/notxdetails/${block}`),
    ...forms(`block/${stale}`),
    ...forms(`block/${block.toUpperCase()}`),
    ...forms(`headers/${block}`),
    ...forms(`headers/3/${block}`),
    ...forms(`headers/${block}`, "?count=2"),
    ...forms(`headers/${stale}`),
    ...forms("blockhashbyheight/104"),
    ...forms(`tx/${txid}`),
    ...forms(`getutxos/${asked}`),
    ...forms(`getutxos/checkmempool/${asked}`),
    ...forms(`spenttxouts/${block}`),
    ...forms(`blockfilter/basic/${block}`),
    ...forms(`blockfilterheaders/basic/${block}`),
    "chaininfo.json",
    "deploymentinfo.json",
    `deploymentinfo/${block}.json`,
    "mempool/info.json",
    "mempool/contents.json?verbose=false",
    "mempool/contents.json?verbose=false&mempool_sequence=true",
    ...["", "nothing.json", "tx/1.json", `tx/${none}.json`, `tx/${txid}`, `tx/${txid}.`],
    ...["tx/.json", `block/${none}.hex`, `block/${block}`, `block/${block}.xml`, "block/1.bin"],
    ...["headers/1.json", `headers/${none}.json`, `headers/0/${block}.json`],
    ...["0", "2001", "x", "-1", "+1", "1.5", "%31", "%", ""].map(
      (count) => `headers/${block}.json?count=${count}`,
    ),
    ...[
      `headers/${block}.json?count`,
      `headers/1/2/${block}.json`,
      `headers/${block}.json?COUNT=1`,
    ],
    ...["105", "-1", "-0", "00", "x", "", "99999999999", "1.5", "%20"].map(
      (height) => `blockhashbyheight/${height}.hex`,
    ),
    ...["getutxos.json", "getutxos.bin", "getutxos/.json", "getutxos/checkmempool.json"],
    ...[`getutxos/${txid}.json`, `getutxos/${txid}-x.json`, `getutxos/${txid}-0-0.json`],
    ...[`getutxos/${txid}-4294967296.json`, `getutxos/${txid}-0`, `getutxosx/${txid}-0.json`],
    `getutxos/${Array(16).fill(`${txid}-0`).join("/")}.json`,
    ...["chaininfo", "chaininfo.bin", "chaininfox.json", "deploymentinfo.hex", "mempool/info"],
    ...[`deploymentinfo/${none}.json`, "deploymentinfo/1.json", "mempool/x.json"],
    ...["mempool/contents.json?verbose=1", "mempool/contents.json?mempool_sequence=true"],
    "mempool/contents.json?mempool_sequence=1",
    ...[`blockfilter/x/${block}.json`, "blockfilter/basic.json", "blockfilter/basic/1.json"],
    ...[`blockfilterheaders/x/${block}.json`, "blockfilterheaders/basic.json"],
    `blockfilterheaders/basic/0/${block}.json`,
    ...[`spenttxouts/${none}.json`, `spenttxouts/${stale}.hex`, "spenttxouts/1/2.json"],
  ];
}

const TITLE = "answers as Knots does, but where it is said why";

test.skipIf(version === undefined)(
  version === undefined ? `${TITLE}: skipped, there is no bitcoind` : TITLE,
  async () => {
    const { call: theirs, rest: theirRest } = await startKnots();
    const ours = await startHost();
    const address = encodeAddress({ type: "p2pkh", hash: hash160(MINER.publicKey) }, regtest);
    const other = encodeAddress({ type: "p2pkh", hash: new Uint8Array(20) }, regtest);
    await theirs("setmocktime", START / 1000);
    const give = async (hash: string) => {
      const hexdata = await theirs<string>("getblock", hash, 0);
      expect(await ours.call("submitblock", hexdata)).toBeNull();
    };
    const mine = async (count: number, to = address) => {
      const hashes = await theirs<string[]>("generatetoaddress", count, to);
      for (const hash of hashes) await give(hash);
      return hashes;
    };
    await mine(102);
    const [stale = ""] = await mine(1);
    for (const call of [theirs, ours.call as Call]) await call("invalidateblock", stale);
    await mine(1, other);
    for (const call of [theirs, ours.call as Call]) await call("reconsiderblock", stale);
    const send = async (transaction: Transaction) => {
      await theirs("sendrawtransaction", bytesToHex(transaction.toBytes()));
      return transaction;
    };
    const paid = await send(await ours.pay([await ours.coin(1)], 10_000n));
    const [block = ""] = await mine(1);
    const parent = await send(await ours.pay([await ours.coin(2)], 10_000n, 0xffff_fffd));
    const child = await send(await ours.pay([outputOf(parent)], 20_000n));
    // Neither is handed in.
    const spend = (coin: LocatedCoin) =>
      payment({
        coins: [coin],
        outputs: [{ value: coin.coin.value - 10_000n, scriptPubKey: MINER.script }],
      });
    const fresh = spend(await ours.coin(4));
    const heir = spend(outputOf(fresh));
    for (const call of [theirs, ours.call as Call]) {
      await call("prioritisetransaction", parent.txid, 0, 7_000);
      await call("prioritisetransaction", "ab".repeat(32), 0, -7);
    }
    const coinbase = (await ours.coin(3)).outpoint.txid;
    const raw = bytesToHex(paid.toBytes());
    const proof = await theirs<string>("gettxoutproof", [paid.txid]);
    const asked = [
      ...readingQuestions({
        block,
        stale,
        address,
        coinbase,
        raw,
        proof,
        paid: paid.txid,
        parent: parent.txid,
        child: child.txid,
        fresh: bytesToHex(fresh.toBytes()),
        heir: bytesToHex(heir.toBytes()),
      }),
      ...(await signingQuestions(theirs)),
    ];
    const found: string[] = [];
    for (const [method, ...params] of asked) {
      const [a, b] = await Promise.all(
        [ours.call(method, ...params), theirs(method, ...params)].map((answer) =>
          answer.catch((error: RpcError) => `error ${error.code}: ${error.message}`),
        ),
      );
      for (const each of differences(a, b, method)) found.push(each);
    }
    const restServer = new RestServer({ rpc: ours.server });
    const outpoints = [
      `${coinbase}-0`,
      `${child.txid}-0`,
      `${parent.txid}-0`,
      `${"f".repeat(64)}-9`,
    ];
    const hex = (id: string) => bytesToHex(hexToBytes(id).reverse());
    const body = (flag: string) =>
      hexToBytes(`${flag}02${hex(coinbase)}00000000${hex(child.txid)}00000000`);
    for (const [path, sent] of [
      ...restAddresses({ block, stale, txid: child.txid, outpoints }).map(
        (each) => [each] as const,
      ),
      ["getutxos.bin", body("01")],
      ["getutxos.bin", body("00")],
      ["getutxos.bin", body("01").subarray(0, 40)],
      ["getutxos.hex", new TextEncoder().encode(bytesToHex(body("01")))],
      ["getutxos.hex", new TextEncoder().encode("xyz")],
      ["getutxos.json", body("01")],
    ] as const) {
      const uri = `/rest/${path}`;
      const own = await restServer.answer({ uri, ...(sent !== undefined && { body: sent }) });
      const bytes = typeof own.body === "string" ? new TextEncoder().encode(own.body) : own.body;
      const [status, type, text] = restAnswer(own.status, own.contentType, bytes);
      const [theirStatus, theirType, theirText] = await theirRest(uri, sent);
      const isJson = type === "application/json" && theirType === type;
      const method = REST_METHODS[path.split(/[/.?]/)[0] ?? ""] ?? "rest";
      // A status without a text needs no type.
      const types = text === "" ? [] : differences(type, theirType, `rest:${uri}:type`);
      found.push(...differences(status, theirStatus, `rest:${uri}:status`), ...types);
      found.push(
        ...(isJson
          ? differences(JSON.parse(text), JSON.parse(theirText), method)
          : differences(text, theirText, `rest:${uri}:text`)),
      );
    }
    // Most of what is asked is the same to the last digit.
    const signing = found.filter((each) => each.startsWith("signrawtransactionwithkey."));
    expect(found.length - signing.length).toBeLessThan(150);
    const unexplained = found.filter(
      (each) => !Object.hasOwn(DIFFERENCES, each.split(" ")[0] ?? ""),
    );
    expect([...new Set(unexplained)]).toEqual([]);
  },
);
