/** Methods that concern the server and not the chain. */
import { describe, expect, test } from "vitest";
import { START, startHost } from "./support/host.ts";

describe("control", () => {
  test("tells how long it runs, not below 0", async () => {
    const { call, setTime } = await startHost();
    setTime(START + 61_900);
    expect(await call("uptime")).toBe(61);
    setTime(START - 5_000);
    expect(await call("uptime")).toBe(0);
  });

  test("tells of calls in progress", async () => {
    const { call } = await startHost();
    expect(await call("getrpcinfo")).toEqual({
      active_commands: [{ method: "getrpcinfo", duration: expect.any(Number) }],
      logpath: "",
    });
  });

  test("locks no memory", async () => {
    const { call, error } = await startHost();
    expect(await call("getmemoryinfo")).toMatchObject({ locked: { used: 0, total: 0 } });
    expect(await error("getmemoryinfo", "mallocinfo")).toEqual([
      -8,
      "mallocinfo mode not available",
    ]);
    expect(await error("getmemoryinfo", "x")).toEqual([-8, "unknown mode x"]);
  });

  test("stops", async () => {
    const { call, stopped } = await startHost();
    expect(await call("stop", 1)).toBe("Bitcoin Core stopping");
    expect(stopped()).toBe(true);
  });

  test("waits for what is announced", async () => {
    const { call } = await startHost();
    expect(await call("syncwithvalidationinterfacequeue")).toBe(null);
  });

  test("gives back what it is told", async () => {
    const { call, error } = await startHost();
    for (const name of ["echo", "echojson"]) {
      expect(await call(name, "a", { b: [1.5, null] })).toEqual(["a", { b: [1.5, null] }]);
    }
    expect(await call("echoipc", "hello")).toBe("hello");
    const nine = Array.from({ length: 9 }, () => null);
    expect(await error("echo", ...nine, "trigger_internal_bug")).toEqual([
      -1,
      'Internal bug detected: request.params[9].get_str() != "trigger_internal_bug"',
    ]);
  });

  test("says where generate has gone to, in its help and when it is called", async () => {
    const { call, error } = await startHost();
    const text =
      "generate\n\nhas been replaced by the -generate cli option. Refer to -help for more information.\n";
    expect(await error("generate")).toEqual([-32601, text]);
    expect(await call("help", "generate")).toBe(text);
    expect(await call("help")).not.toContain("-generate cli");
  });

  test.each(["getopenrpcinfo", "rpc.discover"])("is described to programs: %s", async (name) => {
    const { call } = await startHost();
    const document = await call<Document>(name);
    const getblock = document.methods.find((method) => method.name === "getblock");
    expect(getblock).toMatchObject({
      tags: [{ name: "blockchain" }],
      params: [
        { name: "blockhash", required: true, schema: { type: "string" } },
        { name: "verbosity", required: false, schema: { default: 1, "x-aliases": ["verbose"] } },
      ],
      result: { schema: { anyOf: [{ type: "string" }, { type: "object" }, {}, {}] } },
      errors: [{ code: -5 }, { code: -1 }],
    });
    expect(document.methods.map((method) => method.name)).not.toContain("echo");
    // The specification: required parameters come first. Results match in more than one way.
    for (const { name: method, params } of document.methods) {
      const required = params.map((each) => each.required);
      expect(required, method).toEqual(required.toSorted((a, b) => Number(b) - Number(a)));
    }
    expect(JSON.stringify(document)).not.toContain('"oneOf"');
    const prioritise = document.methods.find((method) => method.name === "prioritisetransaction");
    expect(prioritise?.params[1]?.schema).toEqual({
      anyOf: [{ type: "number" }, { type: "null" }],
    });
  });
});

interface Document {
  readonly methods: readonly {
    readonly name: string;
    readonly params: readonly { readonly required: boolean; readonly schema: object }[];
  }[];
}

test("what is published by ZeroMQ is listed: nothing, unless the node says so", async () => {
  const none = await startHost();
  expect(await none.call("getzmqnotifications")).toEqual([]);
  const zmq = [{ type: "pubhashblock", address: "tcp://127.0.0.1:28332", hwm: 1000 }];
  const { call } = await startHost({ parts: { zmq } });
  expect(await call("getzmqnotifications")).toEqual(zmq);
});

test("logging switches categories of debug lines", async () => {
  const wanted = new Map([
    ["net", true],
    ["http", false],
  ]);
  const logging = {
    all: () => wanted,
    set: (name: string, on: boolean) => void wanted.set(name, on),
  };
  const { call, error } = await startHost({ parts: { logging } });
  expect(Object.entries(await call<object>("logging"))).toEqual([
    ["http", false],
    ["net", true],
  ]);
  expect(await call("logging", ["all"], ["net"])).toEqual({ http: true, net: false });
  expect(await call("logging", [], ["http"])).toEqual({ http: false, net: false });
  expect(await error("logging", ["abc"])).toEqual([-8, "unknown logging category abc"]);
  const without = await startHost();
  expect(await without.call("logging")).toEqual({});
  expect(await without.error("logging", ["net"])).toEqual([-8, "unknown logging category net"]);
});
