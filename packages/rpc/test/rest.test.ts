/** REST as Core answers it: every resource in every form, and what is wrong with a request. */
import { type BlockHash, bytesToHex, hexToBytes, Reader, readOutput } from "@chain/core";
import { describe, expect, test } from "vitest";
import { RestServer } from "../src/rest/server.ts";
import { startHost } from "./support/host.ts";

const NO_HASH = "f".repeat(64);

/** A chain of 105 blocks, one payment in the last and one that waits. */
async function start() {
  const host = await startHost();
  await host.mine(104);
  const paid = await host.pay([await host.coin(1)], 10_000n);
  const [hash = ""] = await host.mine(1);
  const waiting = await host.pay([await host.coin(2)], 20_000n);
  const rest = new RestServer({ rpc: host.server });
  const ask = async (uri: string, body?: Uint8Array) => {
    const answer = await rest.answer({ uri: `/rest/${uri}`, ...(body && { body }) });
    const text = typeof answer.body === "string" ? answer.body : bytesToHex(answer.body);
    return { status: answer.status, type: answer.contentType, text };
  };
  const json = async (uri: string) => JSON.parse((await ask(`${uri}`)).text);
  const refused = async (uri: string, body?: Uint8Array) => {
    const { status, text, type } = await ask(uri, body);
    expect(type).toBe("text/plain");
    return [status, text.replace(/\r\n$/, "")];
  };
  return { ...host, hash: hash as BlockHash, paid, waiting, rest, ask, json, refused };
}

describe("a block", () => {
  test("comes in each form, and in parts", async () => {
    const { ask, json, call, hash, chain } = await start();
    const raw = bytesToHex((await chain.getRawBlock(hash)) as Uint8Array);
    expect(await ask(`block/${hash}.bin`)).toEqual({
      status: 200,
      type: "application/octet-stream",
      text: raw,
    });
    expect(await ask(`block/${hash}.hex`)).toEqual({
      status: 200,
      type: "text/plain",
      text: `${raw}\n`,
    });
    expect((await ask(`block/${hash.toUpperCase()}.json`)).type).toBe("application/json");
    expect(await json(`block/${hash}.json`)).toEqual(await call("getblock", hash, 3));
    expect(await json(`block/notxdetails/${hash}.json`)).toEqual(await call("getblock", hash, 1));
    expect((await ask(`block/notxdetails/${hash}.bin`)).text).toBe(raw);

    const end = raw.length / 2;
    expect((await ask(`blockpart/${hash}.bin?offset=80&size=1`)).text).toBe(raw.slice(160, 162));
    expect((await ask(`blockpart/${hash}.hex?offset=0&size=${end}`)).text).toBe(`${raw}\n`);
    expect((await ask(`blockpart/${hash}.bin?size=4&offset=${end - 4}`)).text).toBe(raw.slice(-8));
  });

  test("is refused where it is not there, or where nobody could know what is asked", async () => {
    const { refused, hash, chain } = await start();
    const size = (await chain.getRawBlock(hash))?.length ?? 0;
    expect(await refused("block/abc.json")).toEqual([400, "Invalid hash: abc"]);
    expect(await refused(`block/${NO_HASH}.json`)).toEqual([404, `${NO_HASH} not found`]);
    const noFormat = "output format not found (available: .bin, .hex, .json)";
    expect(await refused(`block/${hash}`)).toEqual([404, noFormat]);
    expect(await refused(`block/${hash}.xml`)).toEqual([400, `Invalid hash: ${hash}.xml`]);
    expect(await refused(`block/${hash}.`)).toEqual([404, noFormat]);
    const part = `blockpart/${hash}`;
    const noOffset = "Block part offset missing or invalid";
    const noSize = "Block part size missing or invalid";
    expect(await refused(`${part}.bin`)).toEqual([400, noOffset]);
    expect(await refused(`${part}.bin?offset=-1&size=1`)).toEqual([400, noOffset]);
    expect(await refused(`${part}.bin?offset=1`)).toEqual([400, noSize]);
    expect(await refused(`${part}.bin?offset=1&size=x`)).toEqual([400, noSize]);
    for (const [offset, length] of [
      [0, 0],
      [size, 1],
      [0, size + 1],
      [size - 1, 2],
    ]) {
      expect(await refused(`${part}.hex?offset=${offset}&size=${length}`)).toEqual([
        400,
        `Bad block part offset/size ${offset}/${length} for ${hash}`,
      ]);
    }
    expect(await refused(`${part}.json?offset=0&size=1`)).toEqual([
      400,
      "JSON output is not supported for this request type",
    ]);
    expect(await refused(`${part}.bin?offset=%&size=1`)).toEqual([
      400,
      "URI parsing failed, it likely contained RFC 3986 invalid characters",
    ]);
  });

  test("of which only the header is known is not fully downloaded", async () => {
    const { refused, chain } = await start();
    const other = await startHost();
    const [known = ""] = await other.mine(1, Uint8Array.of(0x51));
    const block = await other.chain.getBlock(known as BlockHash);
    expect((await chain.acceptHeaders(block === undefined ? [] : [block.header])).ok).toBe(true);
    expect(await refused(`block/${known}.hex`)).toEqual([
      404,
      `${known} not available (not fully downloaded)`,
    ]);
    expect(await refused(`spenttxouts/${known}.hex`)).toEqual([404, `${known} undo not available`]);
  });
});

test("the outputs that a block spent come by transaction", async () => {
  const { ask, json, refused, hash, chain, coin } = await start();
  const { value, scriptPubKey } = (await coin(1)).coin;
  const reader = new Reader(hexToBytes((await ask(`spenttxouts/${hash}.bin`)).text));
  expect([reader.compactSize(), reader.compactSize(), reader.compactSize()]).toEqual([2, 0, 1]);
  expect(readOutput(reader)).toEqual({ value, scriptPubKey });
  reader.finish();
  expect(await json(`spenttxouts/${hash}.json`)).toMatchObject([
    [],
    [{ value: 50, scriptPubKey: { hex: bytesToHex(scriptPubKey) } }],
  ]);
  const genesis = chain.params.genesis.hash;
  expect((await ask(`spenttxouts/${genesis}.hex`)).text).toBe("0100\n");
  expect(await json(`spenttxouts/${genesis}.json`)).toEqual([[]]);
  expect(await refused(`spenttxouts/1/${hash}.json`)).toEqual([
    400,
    "Invalid URI format. Expected /rest/spenttxouts/<hash>.<ext>",
  ]);
  expect(await refused(`spenttxouts/${NO_HASH}.json`)).toEqual([404, `${NO_HASH} not found`]);
});

test("headers of the best chain come from a block on, in the old form of the address too", async () => {
  const { ask, json, refused, call, chain, hash } = await start();
  const genesis = chain.params.genesis.hash;
  const all = await json(`headers/${genesis}.json?count=2000`);
  expect(all.length).toBe(106);
  expect(all[105]).toEqual(await call("getblockheader", hash));
  expect((await json(`headers/${genesis}.json`)).length).toBe(5);
  expect((await json(`headers/2/${genesis}.json`)).length).toBe(2);
  expect((await ask(`headers/${genesis}.bin?count=3`)).text.length).toBe(3 * 160);
  expect((await ask(`headers/${hash}.hex?count=9`)).text).toBe(
    `${await call("getblockheader", hash, false)}\n`,
  );
  expect(await json(`headers/${NO_HASH}.json`)).toEqual([]);
  await chain.invalidateBlock(chain.tip);
  expect(await json(`headers/${hash}.json`)).toEqual([]);
  for (const count of ["0", "2001", "-1", "x", ""]) {
    expect(await refused(`headers/${genesis}.json?count=${count}`)).toEqual([
      400,
      `Header count is invalid or out of acceptable range (1-2000): ${count}`,
    ]);
  }
  expect(await refused("headers/abc.json")).toEqual([400, "Invalid hash: abc"]);
  expect(await refused("headers/1/2/3.json")).toEqual([
    400,
    "Invalid URI format. Expected /rest/headers/<hash>.<ext>?count=<count>",
  ]);
});

test("the hash of a block comes by its height", async () => {
  const { ask, json, refused, hash } = await start();
  expect(await json("blockhashbyheight/105.json")).toEqual({ blockhash: hash });
  expect((await ask("blockhashbyheight/0105.hex")).text).toBe(`${hash}\n`);
  expect((await ask("blockhashbyheight/105.bin")).text).toBe(
    bytesToHex(hexToBytes(hash).reverse()),
  );
  expect(await refused("blockhashbyheight/106.json")).toEqual([404, "Block height out of range"]);
  for (const height of ["", "-1", "1.5", "abc", "2147483648"]) {
    expect(await refused(`blockhashbyheight/${height}.json`)).toEqual([
      400,
      `Invalid height: ${height}`,
    ]);
  }
});

test("a transaction of the mempool comes in each form", async () => {
  const { ask, json, refused, call, waiting, paid } = await start();
  const { txid } = waiting;
  const raw = bytesToHex(waiting.toBytes());
  expect((await ask(`tx/${txid}.bin`)).text).toBe(raw);
  expect((await ask(`tx/${txid}.hex`)).text).toBe(`${raw}\n`);
  expect(await json(`tx/${txid}.json`)).toEqual(await call("getrawtransaction", txid, 1));
  expect(await refused(`tx/${paid.txid}.json`)).toEqual([404, `${paid.txid} not found`]);
  expect(await refused("tx/12.hex")).toEqual([400, "Invalid hash: 12"]);
});

describe("unspent outputs", () => {
  test("are told with and without the mempool, by address and by body", async () => {
    const { ask, json, waiting, paid, chain, coin, hash } = await start();
    const spent = (await coin(2)).outpoint;
    const names = `${paid.txid}-0/${waiting.txid}-0/${spent.txid}-0/${NO_HASH}-7`;
    const confirmed = await json(`getutxos/${names}.json`);
    expect(confirmed).toMatchObject({
      chainHeight: 105,
      chaintipHash: hash,
      bitmap: "1010",
      utxos: [
        { height: 105, value: 49.9999 },
        { height: 2, value: 50 },
      ],
    });
    expect(await json(`getutxos/checkmempool/${names}.json`)).toMatchObject({
      bitmap: "1100",
      utxos: [{ height: 105 }, { height: 0x7fff_ffff, value: 49.9998 }],
    });

    const binary = hexToBytes((await ask(`getutxos/checkmempool/${names}.bin`)).text);
    const reader = new Reader(binary);
    expect([reader.i32(), reader.hash(), reader.varBytes()[0], reader.compactSize()]).toEqual([
      105,
      chain.tip.hash,
      0b0011,
      2,
    ]);
    expect([reader.u32(), reader.u32(), readOutput(reader).value]).toEqual([
      0,
      105,
      4_999_990_000n,
    ]);

    const bodyOf = (flag: number) =>
      hexToBytes(
        `0${flag}02${[paid.txid, waiting.txid]
          .map((txid) => `${bytesToHex(hexToBytes(txid).reverse())}00000000`)
          .join("")}`,
      );
    const short = `${paid.txid}-0/${waiting.txid}-0`;
    expect(await ask("getutxos.bin", bodyOf(1))).toEqual(
      await ask(`getutxos/checkmempool/${short}.bin`),
    );
    const hexBody = new TextEncoder().encode(`${bytesToHex(bodyOf(0))}\n`);
    expect(await ask("getutxos.hex", hexBody)).toEqual(await ask(`getutxos/${short}.hex`));
  });

  test("are refused in Core's words", async () => {
    const { refused, ask, paid } = await start();
    const one = `${paid.txid}-0`;
    const empty = [400, "Error: empty request"];
    const broken = [400, "Parse error"];
    expect(await refused("getutxos.json")).toEqual(empty);
    expect(await refused("getutxos.bin")).toEqual(empty);
    expect(await refused("getutxos/checkmempool.json")).toEqual(empty);
    expect(await refused("getutxos.json", new Uint8Array(9))).toEqual(empty);
    for (const bad of ["1", "1-2", `${paid.txid}-x`, `${paid.txid}--1`, `${one}-1`]) {
      expect(await refused(`getutxos/${bad}.json`)).toEqual(broken);
    }
    expect(await refused("getutxos.bin", hexToBytes("01"))).toEqual(broken);
    expect(await refused("getutxos.bin", hexToBytes("0101"))).toEqual(broken);
    expect(await refused("getutxos.bin", hexToBytes("01ffffffffffffffffff"))).toEqual(broken);
    expect(await refused("getutxos.bin", hexToBytes(`01fe00000002${"00".repeat(400)}`))).toEqual(
      broken,
    );
    expect(await refused(`getutxos/${one}.bin`, hexToBytes("0100"))).toEqual([
      400,
      "Combination of URI scheme inputs and raw post data is not allowed",
    ]);
    const fifteen = Array(15).fill(one).join("/");
    expect((await ask(`getutxos/${fifteen}.json`)).status).toBe(200);
    expect(await refused(`getutxos/${fifteen}/${one}.json`)).toEqual([
      400,
      "Error: max outpoints exceeded (max: 15, tried: 16)",
    ]);
    expect((await refused(`getutxos/${one}`))[0]).toBe(404);
  });
});

describe("what methods answer", () => {
  test("comes by address", async () => {
    const { json, call, hash } = await start();
    expect(await json("chaininfo.json")).toEqual(await call("getblockchaininfo"));
    expect(await json("deploymentinfo.json")).toEqual(await call("getdeploymentinfo"));
    expect(await json(`deploymentinfo/${hash}.json`)).toEqual(
      await call("getdeploymentinfo", hash),
    );
    expect(await json("mempool/info.json")).toEqual(await call("getmempoolinfo"));
    expect(await json("mempool/contents.json")).toEqual(await call("getrawmempool", true));
    expect(await json("mempool/contents.json?verbose=false")).toEqual(await call("getrawmempool"));
    expect(await json("mempool/contents.json?verbose=false&mempool_sequence=true")).toEqual(
      await call("getrawmempool", false, true),
    );
  });

  test("is refused in Core's words", async () => {
    const { refused } = await start();
    const onlyJson = [404, "output format not found (available: json)"];
    for (const address of [
      "chaininfo.bin",
      "chaininfo",
      "deploymentinfo.hex",
      "mempool/info.hex",
    ]) {
      expect(await refused(address)).toEqual(onlyJson);
    }
    expect(await refused("deploymentinfo/1.json")).toEqual([400, "Invalid hash: 1"]);
    expect(await refused(`deploymentinfo/${NO_HASH}.json`)).toEqual([400, "Block not found"]);
    expect(await refused("mempool/else.json")).toEqual([
      400,
      "Invalid URI format. Expected /rest/mempool/<info|contents>.json",
    ]);
    for (const name of ["verbose", "mempool_sequence"]) {
      expect(await refused(`mempool/contents.json?${name}=TRUE`)).toEqual([
        400,
        `The "${name}" query parameter must be either "true" or "false".`,
      ]);
    }
    expect(await refused("mempool/contents.json?mempool_sequence=true")).toEqual([
      400,
      'Verbose results cannot contain mempool sequence values. (hint: set "verbose=false")',
    ]);
  });
});

test("filters answer as where the index is off", async () => {
  const { refused, hash } = await start();
  for (const name of ["blockfilter", "blockfilterheaders"]) {
    const off = [400, "Index is not enabled for filtertype basic"];
    expect(await refused(`${name}/basic/${hash}.json`)).toEqual(off);
    expect(await refused(`${name}/v0/${hash}.json`)).toEqual([400, "Unknown filtertype v0"]);
    expect(await refused(`${name}/basic/1.json`)).toEqual([400, "Invalid hash: 1"]);
    const [status, message] = await refused(`${name}/basic.json`);
    expect([status, String(message).slice(0, 28)]).toEqual([400, "Invalid URI format. Expected"]);
  }
  expect((await refused(`blockfilterheaders/basic/0/${hash}.bin`))[0]).toBe(400);
});

test("what is not there has no text, and a node that is not ready says so", async () => {
  const { ask, refused, server } = await start();
  expect(await ask("")).toEqual({ status: 404, type: "text/plain", text: "" });
  expect(await ask("nothing.json")).toEqual({ status: 404, type: "text/plain", text: "" });
  server.warmup = "Loading blocks…";
  expect(await refused("chaininfo.json")).toEqual([
    503,
    "Service temporarily unavailable: Loading blocks…",
  ]);
});

test("addresses at random never end in an internal error", async () => {
  const { ask, hash, paid } = await start();
  const parts = ["", "/", ".json", ".bin", ".hex", "?", "count=", "-", "%00", "%", "é", "\0", "#"];
  parts.push(hash, `${paid.txid}-0`, "5", "99999999999999999999", "basic", "checkmempool");
  const names = ["tx", "block", "block/notxdetails", "blockpart", "headers", "getutxos", "mempool"];
  names.push("chaininfo", "deploymentinfo", "blockhashbyheight", "spenttxouts", "blockfilter");
  let seed = 7;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let i = 0; i < 2000; i++) {
    const count = next(6);
    const tail = Array.from({ length: count }, () => parts[next(parts.length)]).join("");
    const body = next(3) === 0 ? Uint8Array.from({ length: next(90) }, () => next(256)) : undefined;
    const address = `${names[next(names.length)]}/${tail}`;
    expect([200, 400, 404], address).toContain((await ask(address, body)).status);
  }
});
