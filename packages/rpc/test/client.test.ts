/** The client against the server, without a network between them. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { createRpcClient, RpcError, RpcTransportError } from "../src/client.ts";
import { startHost } from "./support/host.ts";

const setUp = async (refused?: number) => {
  const { server, ...rest } = await startHost();
  const bodies: string[] = [];
  const requests: Request[] = [];
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input as string, init);
    requests.push(request);
    const body = await request.clone().text();
    bodies.push(body);
    if (refused !== undefined) return new Response("busy", { status: refused });
    const answer = await server.answer(body);
    return new Response(answer.body ?? null, { status: answer.status });
  };
  const at = { url: "http://127.0.0.1:18443", user: "mé", password: "x:y", fetch: send };
  return { ...rest, client: createRpcClient(at), at, bodies, requests };
};

describe("the client", () => {
  test("has the types of what it asks for", async () => {
    const { client, mine } = await setUp();
    await mine(1);
    const hash = await client.getBestBlockHash();
    const [hex, brief, detailed, most] = [
      await client.getBlock(hash, 0),
      await client.getBlock(hash),
      await client.getBlock(hash, 2),
      await client.getBlock(hash, 3),
    ];
    expectTypeOf(hex).toEqualTypeOf<string>();
    expectTypeOf(brief.tx).toEqualTypeOf<readonly string[]>();
    expectTypeOf(detailed.tx[0]?.fee).toEqualTypeOf<number | undefined>();
    expectTypeOf(most.tx[0]?.vin[0]?.prevout?.height).toEqualTypeOf<number | undefined>();
    expect(brief.tx).toEqual(detailed.tx.map(({ txid }) => txid));
    expect((await client.getBlockHeader(hash)).height).toBe(1);
    expect(await client.call("getblockhash", { height: 1 })).toBe(hash);
  });

  test("has the types of arguments that are decided when it runs, and of several together", async () => {
    const { client, mine } = await setUp();
    await mine(1);
    const hash = await client.getBestBlockHash();
    const level: number = 0;
    const some = await client.getBlock(hash, level);
    expectTypeOf(some).extract<string>().toEqualTypeOf<string>();
    expect(some).toMatch(/^[0-9a-f]+$/);
    const numbered = await client.getRawMempool(false, true);
    expectTypeOf(numbered.mempool_sequence).toEqualTypeOf<number>();
    expect(numbered.txids).toEqual([]);
    expectTypeOf(await client.getRawMempool()).toEqualTypeOf<readonly string[]>();
    // Both spellings are one method.
    expectTypeOf(client.getTxOut).toEqualTypeOf(client.getTxout);
    expect(await client.getTxOut(hash, 0)).toBe(await client.getTxout(hash, 0));
  });

  test("has the types of parameters by name", async () => {
    const { client, mine, bodies } = await setUp();
    await mine(1);
    const blockhash = await client.call.getbestblockhash();
    const [hex, brief, detailed, any] = [
      await client.call.getblock({ blockhash, verbosity: 0 }),
      await client.call.getblock({ blockhash }),
      await client.call.getblock({ blockhash, verbosity: 2 }),
      await client.call.getblock({ blockhash, verbosity: Number("1") }),
    ];
    expectTypeOf(hex).toEqualTypeOf<string>();
    expectTypeOf(brief.tx).toEqualTypeOf<readonly string[]>();
    expectTypeOf(detailed.tx[0]?.fee).toEqualTypeOf<number | undefined>();
    expectTypeOf(any).extract<string>().toEqualTypeOf<string>();
    expect(any).toEqual(brief);
    expect(brief.tx).toEqual(detailed.tx.map(({ txid }) => txid));
    expect(JSON.parse(bodies[3] ?? "")).toMatchObject({ params: { blockhash, verbosity: 2 } });
    // @ts-expect-error: it has no such parameter
    await expect(client.call.getblockhash({ hight: 1 })).rejects.toMatchObject({ code: -8 });
    expect(await client.call("getblockcount")).toBe(1);
  });

  test("gives the node's errors code and message", async () => {
    const { client } = await setUp();
    const error = await client.getBlockHash(7).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: -8, message: "Block height out of range" });
  });

  test("sends a batch as one request, and each has its own outcome", async () => {
    const { client, bodies, mine } = await setUp();
    await mine(1);
    const [count, hash, failure] = await client.batch(
      (each) =>
        [
          each.getBlockCount(),
          each.getBlockHash(1),
          each.getBlockHash(5).catch((error: unknown) => error),
        ] as const,
    );
    expectTypeOf(count).toEqualTypeOf<number>();
    expect([count, hash]).toEqual([1, await client.getBestBlockHash()]);
    expect(failure).toMatchObject({ code: -8 });
    expect(bodies.slice(0, 1).map((body) => JSON.parse(body).length)).toEqual([3]);
    expect(await client.batch(() => [])).toEqual([]);
    await expect(client.batch((each) => [each.getBlockHash(5)])).rejects.toThrow(RpcError);
  });

  test("says who it is, and to which wallet it speaks", async () => {
    const { at, requests } = await setUp();
    await createRpcClient({ ...at, wallet: "a b" }).getBlockCount();
    expect(requests[0]?.url).toBe("http://127.0.0.1:18443/wallet/a%20b");
    const given = requests[0]?.headers.get("authorization") ?? "";
    expect(Buffer.from(given.slice("Basic ".length), "base64").toString("utf8")).toBe("mé:x:y");
  });

  test("tells what became of a call that has no answer", async () => {
    const { client } = await setUp(503);
    await expect(client.getBlockCount()).rejects.toMatchObject({
      status: 503,
      message: "HTTP 503: busy",
    });
    await expect(client.batch((each) => [each.getBlockCount()])).rejects.toThrow(RpcTransportError);
    const { client: stranger } = await setUp(401);
    await expect(stranger.getBlockCount()).rejects.toMatchObject({ status: 401 });
    const gone = createRpcClient({
      url: "http://127.0.0.1:1",
      fetch: () => Promise.reject(new TypeError("no route")),
    });
    await expect(gone.getBlockCount()).rejects.toThrow("the node can't be reached: no route");
  });

  test.each([
    ["null", "null"],
    ["a number", "5"],
    ["a list", "[]"],
    ["an object without result", "{}"],
    ["a list of null", "[null]"],
    ["the reply to another call", '{"id":7,"result":1}'],
    ["an error that is a text", '{"id":1,"error":"x"}'],
    ["an error that is a number", '{"id":1,"error":5}'],
    ["an error without code", '{"id":1,"error":{"message":"x"}}'],
    ["an error whose code is a text", '{"id":1,"error":{"code":"a","message":"x"}}'],
    ["an error without message", '{"id":1,"error":{"code":-1}}'],
  ])("does not take %s for a reply", async (_, text) => {
    const client = createRpcClient({
      url: "http://127.0.0.1:1",
      fetch: async () => new Response(text),
    });
    const expected = {
      name: "RpcTransportError",
      message: "the node gave no answer to getblockcount",
    };
    await expect(client.getBlockCount()).rejects.toMatchObject(expected);
    await expect(client.batch((each) => [each.getBlockCount()])).rejects.toMatchObject(expected);
  });

  test("takes replies of JSON-RPC 1.1, and an error without id", async () => {
    const replies = [
      '{"id":1,"result":null,"error":null}',
      '{"id":null,"result":null,"error":{"code":-32700,"message":"Parse error"}}',
    ];
    const client = createRpcClient({
      url: "http://127.0.0.1:1",
      fetch: async () => new Response(replies.shift()),
    });
    expect(await client.call("ping")).toBeNull();
    await expect(client.call("ping")).rejects.toMatchObject({ name: "RpcError", code: -32_700 });
  });

  test("can be awaited: it is no promise", async () => {
    const { client } = await setUp();
    expect(await client).toBe(client);
  });
});
