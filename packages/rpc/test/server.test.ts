/** The answers to request bodies. The cases of Core's interface_rpc.py are among them. */
import { describe, expect, test } from "vitest";
import { startHost } from "./support/host.ts";

const answers = async (bodies: readonly (string | object)[], options = {}) => {
  const { server } = await startHost(options);
  const found: (readonly [number, string | undefined])[] = [];
  for (const body of bodies) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { status, body: reply } = await server.answer(text);
    found.push([status, reply]);
  }
  return found;
};

const NOT_FOUND = '{"code":-32601,"message":"Method not found"}';
const RANGE = '{"code":-8,"message":"Block height out of range"}';

describe("a request", () => {
  test("without a version gets result and error, and an HTTP status", async () => {
    expect(
      await answers([
        { method: "getblockcount", id: 1 },
        { method: "getblockcount", params: null, id: "a" },
        { method: "getblockcount", params: {}, id: null },
        { jsonrpc: "1.0", method: "getblockcount", params: [] },
        { jsonrpc: 1, method: "getblockcount", id: 1 },
        { jsonrpc: null, method: "nothing", id: [1, { b: 2 }] },
        { method: "getblockhash", params: [5], id: 1 },
      ]),
    ).toEqual([
      [200, '{"result":0,"error":null,"id":1}\n'],
      [200, '{"result":0,"error":null,"id":"a"}\n'],
      [200, '{"result":0,"error":null,"id":null}\n'],
      // Not a notification: those are of version 2.
      [200, '{"result":0,"error":null}\n'],
      [200, '{"result":0,"error":null,"id":1}\n'],
      [404, `{"result":null,"error":${NOT_FOUND},"id":[1,{"b":2}]}\n`],
      [500, `{"result":null,"error":${RANGE},"id":1}\n`],
    ]);
  });

  test("of version 2 gets one of the two, and status 200", async () => {
    expect(
      await answers([
        { jsonrpc: "2.0", method: "getblockcount", id: 1 },
        { jsonrpc: "2.0", method: "nothing", id: 1 },
        { jsonrpc: "2.0", method: "getblockhash", params: { height: 5 }, id: 1 },
        { jsonrpc: "2.0", method: "getblockcount" },
        { jsonrpc: "2.0", method: "nothing" },
      ]),
    ).toEqual([
      [200, '{"jsonrpc":"2.0","result":0,"id":1}\n'],
      [200, `{"jsonrpc":"2.0","error":${NOT_FOUND},"id":1}\n`],
      [200, `{"jsonrpc":"2.0","error":${RANGE},"id":1}\n`],
      [204, undefined],
      [204, undefined],
    ]);
  });

  test("has its id back as it was written", async () => {
    const ids = ["1.50", "9007199254740993", "-0", '"é"', "true", '{"a":[]}'];
    const bodies = ids.map((id) => `{"method":"getblockcount","id":${id}}`);
    const replies = await answers(bodies);
    expect(replies.map(([, reply]) => reply)).toEqual(
      ids.map((id) => `{"result":0,"error":null,"id":${id}}\n`),
    );
  });

  test.each([
    ["", 500, -32700, "Parse error", null],
    ["{", 500, -32700, "Parse error", null],
    ["1", 500, -32700, "Top-level object parse error", null],
    ["null", 500, -32700, "Top-level object parse error", null],
    ['{"id":1}', 400, -32600, "Missing method", 1],
    ['{"id":1,"method":1}', 400, -32600, "Method must be a string", 1],
    ['{"id":1,"method":"help","params":1}', 400, -32600, "Params must be an array or object", 1],
    ['{"id":1,"method":"help","params":1.0}', 400, -32600, "Params must be an array or object", 1],
    ['{"id":1,"jsonrpc":2,"method":"help"}', 400, -32600, "jsonrpc field must be a string", 1],
    ['{"id":1,"jsonrpc":"3.0","method":"help"}', 400, -32600, "JSON-RPC version not supported", 1],
  ])("%s is refused", async (body, status, code, message, id) => {
    expect(await answers([body])).toEqual([
      [status, `${JSON.stringify({ result: null, error: { code, message }, id })}\n`],
    ]);
  });

  test("of version 2 that is no request gets its version and a status too", async () => {
    expect(await answers(['{"jsonrpc":"2.0","id":3}'])).toEqual([
      [400, '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Missing method"},"id":3}\n'],
    ]);
  });
});

describe("a batch", () => {
  test("answers each request by its own version, in order", async () => {
    expect(
      await answers([
        [
          { method: "getblockcount", id: 1 },
          { jsonrpc: "2.0", method: "getblockcount", id: 2 },
          { jsonrpc: "2.0", method: "getblockcount" },
          { method: "nothing", id: 3 },
          { jsonrpc: "2.0", method: "getblockhash", params: [9], id: 4 },
          { id: 5 },
        ],
      ]),
    ).toEqual([
      [
        200,
        `[${[
          '{"result":0,"error":null,"id":1}',
          '{"jsonrpc":"2.0","result":0,"id":2}',
          `{"result":null,"error":${NOT_FOUND},"id":3}`,
          `{"jsonrpc":"2.0","error":${RANGE},"id":4}`,
          '{"result":null,"error":{"code":-32600,"message":"Missing method"},"id":5}',
        ].join(",")}]\n`,
      ],
    ]);
  });

  test("may be empty, or of notifications alone", async () => {
    const notification = { jsonrpc: "2.0", method: "getblockcount" };
    expect(await answers([[], [notification, notification]])).toEqual([
      [200, "[]\n"],
      [204, undefined],
    ]);
  });

  test("with what is no request has an error in its place, with the id before it, as Core", async () => {
    expect(await answers([[1, { method: "getblockcount", id: 7 }, null]])).toEqual([
      [
        200,
        `[${[
          '{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":null}',
          '{"result":0,"error":null,"id":7}',
          '{"result":null,"error":{"code":-32600,"message":"Invalid Request object"},"id":7}',
        ].join(",")}]\n`,
      ],
    ]);
  });

  test("is bounded, and ends where its caller has gone", async () => {
    const call = { method: "getblockcount", id: 1 };
    expect(await answers([[call, call, call]], { maxBatchAnswer: 50 })).toEqual([
      [
        200,
        `[${[
          '{"result":0,"error":null,"id":1}',
          '{"result":0,"error":null,"id":1}',
          '{"result":null,"error":{"code":-1,"message":"The answers to this batch are too long: send fewer requests at a time"},"id":1}',
        ].join(",")}]\n`,
      ],
    ]);
    const { server } = await startHost();
    const signal = { aborted: true };
    expect(await server.answer(JSON.stringify([call, call]), signal)).toEqual({
      status: 204,
      body: undefined,
    });
  });
});

test("a batch of more than 10,000 requests is answered, and others get their turn meanwhile", async () => {
  const { server } = await startHost();
  const call = { method: "getblockcount", id: 1 };
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const { status, body = "" } = await server.answer(JSON.stringify(Array(30_000).fill(call)));
  clearInterval(timer);
  expect([status, (JSON.parse(body) as unknown[]).length]).toEqual([200, 30_000]);
  expect(turns).toBeGreaterThan(0);
});

test("a request of too many values is refused before it takes memory", async () => {
  const { server } = await startHost({ maxValues: 5 });
  const echo = (params: unknown) =>
    server.answer(JSON.stringify({ method: "echo", params, id: 1 }));
  expect((await echo([[]])).status).toBe(200);
  expect(await echo([[], []])).toEqual({
    status: 500,
    body: '{"result":null,"error":{"code":-32700,"message":"Parse error: a request has at most 5 JSON values"},"id":null}\n',
  });
});

describe("the server", () => {
  test("answers nothing while it warms up", async () => {
    const { server } = await startHost();
    server.warmup = "Loading block index…";
    expect(await server.answer('{"method":"uptime","id":1}')).toEqual({
      status: 500,
      body: '{"result":null,"error":{"code":-28,"message":"Loading block index…"},"id":1}\n',
    });
    server.warmup = undefined;
    expect((await server.answer('{"method":"uptime","id":1}')).status).toBe(200);
  });

  test("holds users to the methods that they may call", async () => {
    const isAllowed = (user: string, method: string) => user === "a" && method === "uptime";
    const { server } = await startHost({ isAllowed });
    const NEVER = { aborted: false };
    const status = async (body: string, user: string) =>
      (await server.answer(body, NEVER, user)).status;
    expect(await status('{"method":"uptime"}', "a")).toBe(200);
    expect(await status('{"method":"help"}', "a")).toBe(403);
    expect(await status('{"method":"uptime"}', "b")).toBe(403);
    expect(await status('[{"method":"uptime"},{"method":"help"}]', "a")).toBe(403);
  });

  test("takes a fault of ours for error -1, and notes it", async () => {
    const { server, chain, lines } = await startHost();
    await chain.close();
    const { body } = await server.answer(
      JSON.stringify({ method: "getblock", params: [chain.tip.hash], id: 1 }),
    );
    expect(JSON.parse(body ?? "")).toMatchObject({ error: { code: -1 } });
    expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(1);
  });
});
