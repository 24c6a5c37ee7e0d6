import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { METHODS, RpcServer } from "@chain/rpc";
import { createRpcClient } from "@chain/rpc/client";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { rpcWhitelist } from "../src/rpc/access.ts";
import { type RpcHttp, type RpcHttpOptions, startRpcHttp } from "../src/rpc/httpServer.ts";

/** Answers every request by its user and body. */
const ECHO: RpcHttpOptions["server"] = {
  answer: async (body, _, user) => ({ status: 200, body: JSON.stringify({ user, body }) }),
};

async function open(options: Partial<RpcHttpOptions> = {}): Promise<RpcHttp> {
  const door = await startRpcHttp({ server: ECHO, port: 0, ...options });
  onTestFinished(() => door.close());
  return door;
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly user?: string;
  readonly password?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Got {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function send(door: RpcHttp, sent: Sent = {}): Promise<Got> {
  const { method = "POST", path = "/", user = "__cookie__", password = door.cookie } = sent;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return new Promise((resolve, reject) => {
    const { host, port } = door;
    const headers = { authorization, ...sent.headers };
    const call = request({ host, port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => {
        resolve({ status: response.statusCode, text, headers: response.headers });
      });
    });
    call.on("error", reject).end(sent.body ?? "");
  });
}

const status = async (door: RpcHttp, sent: Sent = {}) => (await send(door, sent)).status;

/** A browser asks so whether a page may call. */
const PREFLIGHT: Sent = {
  method: "OPTIONS",
  password: "wrong",
  headers: {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
    "access-control-request-private-network": "true",
  },
};

/** As the rules of the Fetch standard have it: asks first, and hands on an answer only where the server names the page. */
function browserFetch(origin: string): typeof fetch {
  return async (input, init) => {
    const allows = ({ headers }: Response) => headers.get("access-control-allow-origin") === origin;
    const wanted = Object.keys(init?.headers ?? {});
    const asked = await fetch(input, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": String(init?.method),
        "access-control-request-headers": wanted.join(","),
      },
    });
    const names = (asked.headers.get("access-control-allow-headers") ?? "").toLowerCase();
    const mayCall = asked.ok && allows(asked) && wanted.every((name) => names.includes(name));
    if (!mayCall) throw new TypeError("refused by the browser");
    const answer = await fetch(input, { ...init, headers: { ...init?.headers, origin } });
    if (!allows(answer)) throw new TypeError("refused by the browser");
    return answer;
  };
}

/** Bytes on a bare socket, and all that comes back. */
function raw({ port }: RpcHttp, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("paths and methods", () => {
  test("answers POST on / and /wallet/<name>, and says how long its answer is", async () => {
    const door = await open();
    const answer = await send(door, { body: "hi" });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({ user: "__cookie__", body: "hi" });
    expect(answer.headers).toMatchObject({
      "content-type": "application/json",
      "content-length": String(answer.text.length),
    });
    expect(await status(door, { path: "/wallet/mine" })).toBe(200);
  });

  test.each(["/x", "/rest/chaininfo.json", "/?x", `/${"x".repeat(1000)}`])(
    "has nothing at %s",
    async (path) => {
      const door = await open();
      expect(await status(door, { path })).toBe(404);
      expect(await status(door, { path, method: "GET" })).toBe(404);
    },
  );

  test("refuses other methods in Core's words", async () => {
    const answer = await send(await open(), { method: "GET" });
    expect([answer.status, answer.text]).toEqual([
      405,
      "JSONRPC server handles only POST requests",
    ]);
  });

  test("takes headers of 8192 bytes at most", async () => {
    const door = await open();
    expect(await raw(door, `GET /${"x".repeat(10_000)} HTTP/1.1\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
  });

  test("answers requests that come in one go, in their order", async () => {
    const door = await open();
    const authorization = Buffer.from(`__cookie__:${door.cookie}`).toString("base64");
    const one = (body: string, more = "") =>
      `POST / HTTP/1.1\r\nAuthorization: Basic ${authorization}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
    const answers = await raw(door, one("first") + one("second", "Connection: close\r\n"));
    expect(answers.match(/"body":"\w+"/g)).toEqual(['"body":"first"', '"body":"second"']);
  });
});

describe("who may call", () => {
  test("a user by password, by rpcauth, or by the cookie", async () => {
    const salt = "93648e835a54c573682c2eb19f882535";
    const hash = createHmac("sha256", salt).update("pass:word").digest("hex");
    const door = await open({
      credentials: { user: "me💻", password: "secret🔑", rpcauth: [`you:${salt}$${hash}`] },
    });
    const users: [string, string, number][] = [
      ["me💻", "secret🔑", 200],
      ["me💻", "secret", 401],
      ["me", "secret🔑", 401],
      ["you", "pass:word", 200],
      ["you", "pass:wor", 401],
      ["you", "secret🔑", 401],
      ["__cookie__", door.cookie, 200],
      ["__cookie__", "", 401],
      ["", "", 401],
    ];
    for (const [user, password, expected] of users) {
      expect(await status(door, { user, password }), `${user}:${password}`).toBe(expected);
    }
  });

  test("says what it wants where credentials are missing, at once, and late where they are wrong", async () => {
    const door = await open();
    const missing = await raw(door, "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    expect(missing).toMatch(/^HTTP\/1.1 401 [\s\S]*www-authenticate: Basic realm="jsonrpc"/);
    const start = performance.now();
    expect(await status(door, { password: "wrong" })).toBe(401);
    expect(performance.now() - start).toBeGreaterThan(245);
  });

  test.each(["", "foo", "foo:bar", "foo:bar:baz", "foo$bar:baz", "foo$bar$baz", "a:b$c$d"])(
    "refuses -rpcauth=%s",
    async (text) => {
      await expect(open({ credentials: { rpcauth: [text] } })).rejects.toThrow(
        "Invalid -rpcauth argument",
      );
    },
  );

  test("the holder of credentials by any name of this machine, as in Core", async () => {
    const door = await open();
    for (const host of ["bitcoind:18443", "node.example", "evil.example:8332"]) {
      expect(await status(door, { headers: { host } }), host).toBe(200);
      const wrong = await send(door, { headers: { host }, password: "wrong" });
      expect(wrong.status, host).toBe(401);
    }
  });

  test("without credentials by an address, localhost or a told name alone", async () => {
    const routes: RpcHttpOptions["routes"] = [
      { prefix: "/rest/", handle: (_, __, response) => void response.end("open") },
    ];
    const door = await open({ routes, hosts: ["Node.example"] });
    const get = (host: string, password = "wrong") =>
      status(door, { method: "GET", path: "/rest/x", headers: { host }, password });
    const own =
      "127.0.0.1 127.0.0.1:80 [::1]:80 [::1] ::1 fe80::1 localhost localhost. LOCALHOST.:80 127.1 127.1:80 0x7f000001 2130706433 node.example node.example.:80";
    // At the same time, because a wrong password is answered after a while.
    await Promise.all(own.split(" ").map(async (host) => expect(await get(host), host).toBe(200)));
    const foreign =
      "evil.example evil.example:80 127.0.0.1.evil.example localhost.evil.example x@127.0.0.1 127.0.0.1/x [::1 1.2.3.4.5 bitcoind a.node.example .";
    await Promise.all(
      foreign.split(" ").map(async (host) => {
        expect(await get(host), host).toBe(403);
        expect(await get(host, door.cookie), host).toBe(200);
      }),
    );
  });

  test("no web page that was not told, whatever it knows", async () => {
    const door = await open({ origins: ["https://Wallet.example:443/", "chrome-extension://abc"] });
    const call = (origin: string, more: Sent = {}) =>
      send(door, { ...more, headers: { origin, ...more.headers } });
    for (const origin of ["null", "https://evil.example", "https://wallet.example:444", ""]) {
      const answer = await call(origin);
      expect([answer.status, answer.headers["access-control-allow-origin"]], origin).toEqual([
        403,
        undefined,
      ]);
      expect((await call(origin, PREFLIGHT)).status, origin).toBe(403);
    }
    for (const origin of ["https://wallet.example", "chrome-extension://abc"]) {
      for (const answer of [await call(origin), await call(origin, { password: "wrong" })]) {
        expect(answer.headers).toMatchObject({
          "access-control-allow-origin": origin,
          vary: "Origin",
        });
      }
      const asked = await call(origin, PREFLIGHT);
      expect([asked.status, asked.text]).toEqual([204, ""]);
      expect(asked.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "Authorization, Content-Type",
        "access-control-allow-private-network": "true",
      });
    }
    // Without an origin nobody asks, and OPTIONS is a method as any.
    expect(await status(door, { method: "OPTIONS" })).toBe(405);
  });

  test("the typed client on a page that was told", async () => {
    const origin = "https://wallet.example";
    const server: RpcHttpOptions["server"] = {
      answer: async () => ({ status: 200, body: '{"jsonrpc":"2.0","id":1,"result":7}' }),
    };
    const door = await open({ server, origins: [origin] });
    const client = createRpcClient({
      url: `http://127.0.0.1:${door.port}`,
      user: "__cookie__",
      password: door.cookie,
      fetch: browserFetch(origin),
    });
    expect(await client.getBlockCount()).toBe(7);
    const other = createRpcClient({
      url: `http://127.0.0.1:${door.port}`,
      fetch: browserFetch("https://evil.example"),
    });
    await expect(other.getBlockCount()).rejects.toThrow("refused by the browser");
  });

  test.each(["wallet.example", "https://", "https://a/b", "https://me@a", "*", "null", ""])(
    "refuses the origin %j",
    async (origin) => {
      await expect(open({ origins: [origin] })).rejects.toThrow(/^the origin ".*" does not have/);
    },
  );

  test("refuses networks that are none", async () => {
    for (const text of [
      "",
      "x",
      "127.0.0.4/33",
      "127.0.0.4/255.0.255.0",
      "::1/129",
      "127.0.0.4/8/8",
    ]) {
      await expect(open({ allowIp: [text] }), text).rejects.toThrow("Invalid -rpcallowip subnet");
    }
    for (const text of ["127.0.0.4", "127.0.0.0/255.255.255.0", "::/0", "0.0.0.0/0"]) {
      expect((await open({ allowIp: [text] })).host).toBe("127.0.0.1");
    }
  });

  test("listens beyond loopback only where both bind and allowIp are given", async () => {
    expect((await open({ bind: ["0.0.0.0"] })).host).toBe("127.0.0.1");
    const both = await open({ bind: ["127.0.0.2"], allowIp: ["127.0.0.0/8"] });
    expect(both.host).toBe("127.0.0.2");
    expect(await status(both)).toBe(200);
  });
});

describe("the whitelist", () => {
  test("of a user, and of those without", () => {
    const lists = ["a:getblockcount,stop,", "b:", "c", "d:one, two", "d:two"];
    const isAllowed = rpcWhitelist(lists);
    const may = (user: string, method: string) => isAllowed(user, method);
    expect([may("a", "stop"), may("a", "help"), may("b", "stop"), may("c", "stop")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([may("d", "one"), may("d", "two"), may("e", "stop")]).toEqual([false, true, false]);
    expect(rpcWhitelist(lists, false)("e", "stop")).toBe(true);
    expect(rpcWhitelist([])("e", "stop")).toBe(true);
    expect(rpcWhitelist([], true)("e", "stop")).toBe(false);
  });

  test("makes a call 403", async () => {
    const isAllowed = rpcWhitelist(["__cookie__:getblockcount"]);
    const door = await open({ server: new RpcServer({ methods: METHODS, isAllowed }) });
    const call = (method: string) => send(door, { body: JSON.stringify({ method, id: 1 }) });
    expect((await call("stop")).status).toBe(403);
    // Before a node is there, the rest is answered as Core does while it starts.
    const early = await call("getblockcount");
    expect(early.status).toBe(500);
    expect(JSON.parse(early.text)).toEqual({
      result: null,
      error: { code: -28, message: "Loading block index…" },
      id: 1,
    });
  });
});

describe("load", () => {
  test("works on so many, lets so many wait, and refuses the rest", async () => {
    const begun: (() => void)[] = [];
    let arrived = () => {};
    const server: RpcHttpOptions["server"] = {
      answer: (body) =>
        new Promise((resolve) => {
          begun.push(() => resolve({ status: 200, body }));
          arrived();
        }),
    };
    const next = () =>
      new Promise<void>((resolve) => {
        arrived = resolve;
      });
    const door = await open({ server, threads: 1, workQueue: 1 });
    const working = next();
    const first = send(door, { body: "1" });
    await working;
    // One of these two waits, the other is refused.
    const others = ["2", "3"].map((body) => send(door, { body }));
    const refused = await Promise.race(others);
    expect([refused.status, refused.text]).toEqual([503, "Work queue depth exceeded"]);
    expect(begun).toHaveLength(1);
    const turn = next();
    begun[0]?.();
    expect((await first).text).toBe("1");
    await turn;
    begun[1]?.();
    expect((await Promise.all(others)).map((each) => each.status).sort()).toEqual([200, 503]);
  });

  test("takes requests that never end for no work: others are answered", async () => {
    const door = await open({ threads: 1, workQueue: 1 });
    const authorization = Buffer.from(`__cookie__:${door.cookie}`).toString("base64");
    const half = `POST / HTTP/1.1\r\nAuthorization: Basic ${authorization}\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n`;
    for (let index = 0; index < 200; index++) {
      const socket = connect(door.port, "127.0.0.1", () => socket.write(half));
      onTestFinished(() => void socket.destroy());
      // `100 Continue`: the door has seen it.
      await new Promise((resolve) => socket.once("data", resolve));
    }
    expect(await status(door)).toBe(200);
  });

  test("cuts off a caller that does not finish its request", async () => {
    const door = await open({ timeout: 1 });
    expect(await raw(door, "GET /x HTTP/1.1\r\nHost: localhost\r\n")).toBe("");
  });
});

describe("further routes", () => {
  test("are found by their path, with credentials where they want some", async () => {
    const routes: RpcHttpOptions["routes"] = [
      {
        prefix: "/rest/",
        handle: (_, url, response) => void response.end(`open ${url.pathname}`),
      },
      { prefix: "/private", needsAuth: true, handle: (_, __, response) => void response.end("ok") },
    ];
    const door = await open({ routes });
    const get = { method: "GET", password: "wrong" };
    const answer = await send(door, { ...get, path: "/rest/a.json?count=1" });
    expect([answer.status, answer.text]).toEqual([200, "open /rest/a.json"]);
    expect(await status(door, { ...get, path: "/private" })).toBe(401);
    expect(await status(door, { method: "GET", path: "/private" })).toBe(200);
  });
});

test("strangers who never end their requests to an open route keep no owner out", async () => {
  const routes: RpcHttpOptions["routes"] = [
    {
      prefix: "/rest/",
      handle: async (request, _, response) => {
        for await (const _chunk of request);
        response.end("ok");
      },
    },
  ];
  const door = await open({ routes, threads: 1, workQueue: 1 });
  expect(await status(door, { path: "/rest/", body: "all of it" })).toBe(200);
  const half = "POST /rest/x HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf";
  const strangers = [0, 1].map(() =>
    connect(door.port, "127.0.0.1", function (this: Socket) {
      this.write(half);
    }),
  );
  onTestFinished(() => {
    for (const stranger of strangers) stranger.destroy();
  });
  // Until the door has seen both: the owner has places of its own.
  const url = `http://127.0.0.1:${door.port}/rest/`;
  const stranger = async () => (await fetch(url, { method: "POST", body: "all" })).status;
  await expect.poll(stranger, { interval: 10 }).toBe(503);
  expect(await status(door)).toBe(200);
  // Then one of them has been slow for long enough.
  await expect.poll(stranger, { interval: 100 }).toBe(200);
});

describe("the end", () => {
  /** Answers when the server ends, or never. */
  const waiting = (isDeaf: boolean) => {
    const seen = { begun: 0 };
    const server: RpcHttpOptions["server"] = {
      answer: (_, signal) => {
        seen.begun++;
        return new Promise((resolve) => {
          const timer = setInterval(() => {
            if (isDeaf || signal.ending !== true) return;
            clearInterval(timer);
            resolve({ status: 200, body: "answered" });
          }, 5);
          onTestFinished(() => clearInterval(timer));
        });
      },
    };
    return { seen, server };
  };

  test("answers what is under way, and takes no more", async () => {
    const { seen, server } = waiting(false);
    const door = await open({ server });
    const answer = send(door);
    await expect.poll(() => seen.begun).toBe(1);
    const closed = door.close();
    await expect(send(door)).rejects.toThrow("ECONNREFUSED");
    expect(await answer).toMatchObject({ status: 200, text: "answered" });
    await closed;
    expect(seen.begun).toBe(1);
  });

  test("waits for nobody that does not come to an end", async () => {
    const { seen, server } = waiting(true);
    const door = await open({ server });
    const cutOff = expect(send(door)).rejects.toThrow();
    await expect.poll(() => seen.begun).toBe(1);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const closed = door.close();
    await vi.advanceTimersByTimeAsync(10_000);
    await closed;
    await cutOff;
  });
});

test("a body that is no UTF-8 is no JSON, as in Core", async () => {
  const door = await open({ server: new RpcServer({ methods: METHODS }) });
  const authorization = Buffer.from(`__cookie__:${door.cookie}`).toString("base64");
  const post = (bytes: number[]) => {
    const body = Buffer.from(bytes).toString("latin1");
    const head = `POST / HTTP/1.1\r\nAuthorization: Basic ${authorization}\r\nConnection: close\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    return raw(door, Buffer.from(head + body, "latin1"));
  };
  const request = (name: number[]) => [
    ...Buffer.from('{"id":1,"method":"'),
    ...name,
    ...Buffer.from('"}'),
  ];
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    expect(await post(request(bad)), String(bad)).toMatch(/-32700,"message":"Parse error"/);
  }
  expect(await post(request([0xe2, 0x82, 0xac]))).toMatch(/"code":-28/);
});

describe("the cookie file", () => {
  test("is there for its owner alone while the door is open", async () => {
    const cookieFile = join(await temporaryDirectory(), ".cookie");
    const door = await open({ credentials: { cookieFile } });
    expect(await readFile(cookieFile, "utf8")).toBe(`__cookie__:${door.cookie}`);
    expect(((await stat(cookieFile)).mode & 0o777).toString(8)).toBe("600");
    await door.close();
    expect(existsSync(cookieFile)).toBe(false);
  });

  test("of a process that was killed is replaced before the first answer", async () => {
    const cookieFile = join(await temporaryDirectory(), ".cookie");
    for (let round = 0; round < 10; round++) {
      await writeFile(cookieFile, "__cookie__:stale");
      const port = await freePort();
      let isOpen = false;
      const opening = open({ port, credentials: { cookieFile } });
      const url = `http://127.0.0.1:${port}/`;
      while (!isOpen) isOpen = await fetch(url, { method: "POST" }).then(Boolean, () => false);
      // A caller that is answered finds the cookie of the process that answers.
      const found = await readFile(cookieFile, "utf8");
      expect(found).toBe(`__cookie__:${(await opening).cookie}`);
    }
  });

  test("of a later process stays", async () => {
    const cookieFile = join(await temporaryDirectory(), ".cookie");
    const door = await open({ credentials: { cookieFile } });
    await writeFile(cookieFile, "__cookie__:1");
    await door.close();
    expect(existsSync(cookieFile)).toBe(true);
  });

  test("that can't be written is an error, and nothing listens", async () => {
    const directory = await temporaryDirectory();
    const cookieFile = join(directory, ".cookie");
    await mkdir(cookieFile);
    const port = await freePort();
    await expect(open({ port, credentials: { cookieFile } })).rejects.toThrow(
      `can't write the cookie file ${cookieFile}`,
    );
    // Nor is a draft left, which has the secret.
    expect(await readdir(directory)).toEqual([".cookie"]);
    await open({ port });
  });
});

test("a taken port is one line, whose option a program can name", async () => {
  const { port } = await open();
  await expect(open({ port })).rejects.toMatchObject({
    message: `another program has the port of the RPC, 127.0.0.1:${port}: stop it, or choose another port`,
    data: { option: "rpcport" },
  });
});
