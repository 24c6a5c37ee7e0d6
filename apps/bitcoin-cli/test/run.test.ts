import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestIo } from "@chain/testing/testIo";
import { describe, expect, onTestFinished, test } from "vitest";
import { run } from "../src/index.ts";

interface Request {
  readonly method: string;
  readonly params: unknown;
  readonly id: number;
}

interface Seen {
  readonly path: string;
  readonly user: string;
  readonly body: Request | readonly Request[];
}

type Answer = { readonly result?: unknown; readonly error?: unknown };

const answerOf = (body: string) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A node that is asked: what came, and its answers by method. */
async function startNode(answers: Readonly<Record<string, Answer | Answer[]>>, status = 200) {
  const seen: Seen[] = [];
  const refusing: (() => void)[] = [];
  const answer = ({ method, id }: Request) => {
    const found = answers[method] ?? { error: { code: -32601, message: "Method not found" } };
    const one = Array.isArray(found) ? (found.length > 1 ? found.shift() : found[0]) : found;
    return { jsonrpc: "2.0", ...one, id };
  };
  const server: Server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const body = JSON.parse(text);
    const [, encoded = ""] = (request.headers.authorization ?? "").split(" ");
    const user = Buffer.from(encoded, "base64").toString();
    seen.push({ path: request.url ?? "", user, body });
    const before = refusing.shift();
    before?.();
    response.writeHead(before === undefined ? status : 401);
    response.end(
      status === 200 && before === undefined
        ? JSON.stringify(Array.isArray(body) ? body.map(answer) : answer(body))
        : "",
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const directory = mkdtempSync(join(tmpdir(), "chain-cli-"));
  mkdirSync(join(directory, "regtest"));
  writeFileSync(join(directory, "bitcoin.conf"), `regtest=1\nfoo=1\n[regtest]\nrpcport=${port}\n`);
  writeFileSync(join(directory, "regtest", ".cookie"), "__cookie__:secret");
  onTestFinished(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const call = async (words: readonly string[], lines: readonly string[] = []) => {
    const io = new TestIo();
    const left = [...lines];
    const input = { secret: async () => left.shift(), rest: async () => left.splice(0) };
    const code = await run([`-datadir=${directory}`, ...words], io, input);
    return { code, out: io.out, error: io.error };
  };
  /** The next call is refused, after something was done. */
  const refuse = (before: () => void) => void refusing.push(before);
  return { call, seen, port, directory, refuse };
}

test("a call goes out with the cookie of the network that bitcoin.conf names", async () => {
  const { call, seen } = await startNode({ getblockhash: { result: "00ff" } });
  expect(await call(["getblockhash", "1"])).toEqual({ code: 0, out: "00ff\n", error: "" });
  expect(seen).toEqual([
    {
      path: "/",
      user: "__cookie__:secret",
      body: { jsonrpc: "2.0", method: "getblockhash", params: [1], id: 1 },
    },
  ]);
});

test("user, password, wallet and named parameters are obeyed", async () => {
  const { call, seen } = await startNode({ echo: { result: null } });
  const options = ["-rpcuser=u", "-rpcpassword=p", "-rpcwallet=a b/c", "-named"];
  expect(await call([...options, "echo", "x", "arg1=y"])).toEqual({ code: 0, out: "", error: "" });
  expect(seen).toMatchObject([
    { path: "/wallet/a%20b%2Fc", user: "u:p", body: { params: { arg1: "y", args: ["x"] } } },
  ]);
});

test("standard input has the password, the passphrase and further parameters", async () => {
  const { call, seen } = await startNode({ echo: { result: 1 }, walletpassphrase: {} });
  await call(["-rpcuser=u", "-stdinrpcpass", "-stdin", "echo", "a"], ["pw", "b", ""]);
  const both = ["-rpcuser=u", "-stdinrpcpass", "-stdinwalletpassphrase"];
  await call([...both, "walletpassphrase", "60"], ["pw", "my pass"]);
  expect(seen).toMatchObject([
    { user: "u:pw", body: { params: ["a", "b", ""] } },
    { user: "u:pw", body: { params: ["my pass", 60] } },
  ]);
  expect(await call(["-stdinrpcpass", "echo"])).toMatchObject({
    code: 1,
    error: "error: -stdinrpcpass specified but failed to read from standard input\n",
  });
});

test("an error of the node is the exit code", async () => {
  const error = { code: -8, message: "Block height out of range" };
  const { call } = await startNode({ getblockhash: { error } });
  expect(await call(["getblockhash", "9"])).toEqual({
    code: 8,
    out: "",
    error: "error code: -8\nerror message:\nBlock height out of range\n",
  });
});

test("-rpcwait waits for a node that warms up, and no longer than it is told", async () => {
  const warming = { error: { code: -28, message: "Loading block index…" } };
  const { call, seen } = await startNode({
    getblockcount: [warming, warming, { result: 7 }],
    stop: warming,
    getnetworkinfo: [warming, { result: { version: 1 } }],
    getblockchaininfo: { result: { chain: "regtest" } },
  });
  expect(await call(["-rpcwait", "getblockcount"])).toEqual({ code: 0, out: "7\n", error: "" });
  expect(seen).toHaveLength(3);
  expect(await call(["-rpcwait", "-getinfo"])).toMatchObject({ code: 0 });
  expect(await call(["stop"])).toMatchObject({ code: 28 });
  expect(await call(["-rpcwait", "-rpcwaittimeout=1", "stop"])).toMatchObject({
    code: 1,
    error: "error: timeout on transient error: server in warmup\n",
  });
});

describe("what keeps a call from the node is said", () => {
  test.each([
    [["-rpcport=x", "help"], "error: Invalid port provided in -rpcport: x"],
    [["-rpcport=65536", "help"], "error: Invalid port provided in -rpcport: 65536"],
    [["-rpcconnect=[::1]:0", "help"], "error: Invalid port provided in -rpcconnect: [::1]:0"],
    [["-rpcconnect=127.0.0.1:", "help"], "Invalid port provided in -rpcconnect: 127.0.0.1:"],
    [["-rpcconnect=::1", "-rpcport=1", "help"], "Could not connect to the server ::1:1\n"],
    [["-rpcconnect=a\nb", "help"], "error: timeout on transient error: Could not connect to the"],
    [["-rpcport=1", "help"], "error: timeout on transient error: Could not connect to the server"],
    [["-getinfo", "x"], "error: -getinfo takes no arguments"],
    [["-getinfo", "-color=x"], "error: Invalid value for -color option."],
    [["-getinfo", "-netinfo"], "error: Only one of -getinfo, -netinfo may be specified."],
    [["-netinfo", "x"], "error: invalid -netinfo level argument: x"],
    [["-netinfo", "0", "o"], "error: invalid -netinfo outonly argument: o"],
    [["getblockhash", "foo"], "error: Error parsing JSON: foo"],
    [[], "error: too few parameters (need at least command)"],
    [["-foo"], "Error parsing command line arguments: Invalid parameter -foo"],
    [["-datadir=/does/not/exist"], 'Error: Specified data directory "/does/not/exist" does not'],
    [["-chain=moon", "help"], "Error"],
  ])("%j", async (words, message) => {
    const { call } = await startNode({});
    const { code, out, error } = await call(words);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toContain(message);
  });

  test.each([
    [401, "error: Authorization failed: Incorrect rpcuser or rpcpassword\n"],
    [403, "error: server returned HTTP error 403\n"],
    [500, "error: no response from server\n"],
    [503, "error: Server response: \n"],
  ])("HTTP status %i", async (status, error) => {
    const { call } = await startNode({}, status);
    expect(await call(["help"])).toEqual({ code: 1, out: "", error });
  });

  test.each([
    ["half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", '"EOF reached")'],
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "Could not connect to the server"],
    ["nothing", "", '"EOF reached")'],
    ["no JSON", answerOf("<html>"), "error: couldn't parse reply from server"],
    ["JSON of another kind", answerOf("[1]"), "error: expected reply to have result, error and id"],
    ["an empty object", answerOf("{}"), "error: expected reply to have result, error and id"],
    ["nesting without end", answerOf("[".repeat(1e6)), "error: couldn't parse reply from server"],
    ["a header without end", `HTTP/1.1 200 OK\r\nX: ${"x".repeat(1e6)}`, "Could not connect"],
    [
      "another place",
      "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n",
      "error: no response from server",
    ],
  ])("a server that says %s", async (_, said, error) => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {}).once("data", () => socket.end(said));
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { call } = await startNode({});
    const outcome = await call([`-rpcport=${port}`, "getblockcount"]);
    expect(outcome).toMatchObject({ code: 1, out: "" });
    expect(outcome.error).toContain(error);
  });

  test("not a cookie that is written while the call is under way", async () => {
    const { call, directory, refuse, seen } = await startNode({ getblockcount: { result: 7 } });
    const cookie = join(directory, "regtest", ".cookie");
    rmSync(cookie);
    refuse(() => writeFileSync(cookie, "__cookie__:new"));
    expect(await call(["getblockcount"])).toEqual({ code: 0, out: "7\n", error: "" });
    expect(seen.map(({ user }) => user)).toEqual(["", "__cookie__:new"]);
    refuse(() => {});
    expect(await call(["getblockcount"])).toMatchObject({ code: 1 });
  });

  test("a cookie that is missing", async () => {
    const { call, directory } = await startNode({}, 401);
    const { error } = await call(["-rpccookiefile=none", "help"]);
    expect(error).toContain("Could not locate RPC credentials. No authentication cookie could be");
    expect(error).toContain(`Configuration file: (${join(directory, "bitcoin.conf")})`);
  });

  test("-rpcport and a port in -rpcconnect", async () => {
    const { call, port } = await startNode({ uptime: { result: 1 } });
    expect(await call(["-rpcconnect=127.0.0.1:1", `-rpcport=${port}`, "uptime"])).toEqual({
      code: 0,
      out: "1\n",
      error: `Warning: Port specified in both -rpcconnect and -rpcport. Using -rpcport ${port}\n`,
    });
  });
});

const NETWORK = {
  version: 290000,
  subversion: "/x:1/",
  protocolversion: 70016,
  timeoffset: 0,
  connections: 3,
  connections_in: 1,
  connections_out: 2,
  localservicesnames: ["NETWORK", "NETWORK_LIMITED", "P2P_V2"],
  networks: [
    { name: "ipv4", reachable: true, proxy: "127.0.0.1:9050" },
    { name: "onion", reachable: false, proxy: "127.0.0.1:9050" },
  ],
  relayfee: 0.1,
  localaddresses: [{ address: "a.onion", port: 1, score: 2 }],
  warnings: ["careful"],
};

test("-getinfo makes a page of several answers, with a wallet where there is one", async () => {
  const answers = {
    getnetworkinfo: { result: NETWORK },
    getblockchaininfo: {
      result: { chain: "regtest", blocks: 1, headers: 2, verificationprogress: 0.5, difficulty: 1 },
    },
  };
  const plain = await (await startNode(answers)).call(["-getinfo"]);
  expect(plain.out).toContain("Headers: 2\nVerification progress: ▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░ 50.0000%\n");
  expect(plain.out).toContain("Network: in 1, out 2, total 3\nVersion: 290000\n");
  expect(plain.out).toContain("Proxies: 127.0.0.1:9050 (ipv4, onion)\n");
  expect(plain.out).toMatch(/\n\nWarnings: careful\n$/);
  const wallets = await startNode({
    ...answers,
    getwalletinfo: { result: { walletname: "", keypoolsize: 4 } },
    getbalances: { result: { mine: { trusted: 1.5 } } },
    listwallets: { result: ["", "other"] },
  });
  const { out } = await wallets.call(["-getinfo", "-color=always"]);
  expect(out).toContain("\x1b[34mChain: regtest\x1b[0m\n");
  expect(out).toContain('Wallet: ""\x1b[0m\nKeypool size: 4\n');
  expect(out).toContain('Balances\x1b[0m\n       1.5 ""\n       1.5 other\n\n');
});

test("-netinfo counts peers, and lists them from level 1 on", async () => {
  const peer = { network: "ipv4", servicesnames: ["NETWORK"], conntime: 1, relaytxes: false };
  const peers = [
    { ...peer, id: 1, inbound: false, connection_type: "manual", minping: 0.0015, addr: "b" },
    { ...peer, id: 2, inbound: true, connection_type: "inbound", addr: "a", version: 70016 },
    { ...peer, network: "not_publicly_routable", inbound: false, connection_type: "feeler" },
  ];
  const { call } = await startNode({
    getpeerinfo: { result: peers },
    getnetworkinfo: { result: NETWORK },
  });
  const { out } = await call(["-netinfo"]);
  expect(out).toContain(" regtest - server 70016/x:1/\n\n");
  expect(out).toContain(
    [
      "         ipv4     npr   total   block  manual",
      "in          1       0       1",
      "out         1       1       2       0       1",
      "total       2       1       3",
      "",
      "Local services: network, network limited, p2p v2",
      "",
      "Local addresses",
      "a.onion     port      1    score      2",
    ].join("\n"),
  );
  const listed = await call(["-netinfo", "4"]);
  expect(listed.out).toContain(" - services nl2\n\n");
  const rows = listed.out.split("\n").map((line) => line.trim().split(/\s+/));
  expect(rows.findIndex(([first, type]) => first === "in" && type === "ipv4")).toBe(3);
  expect(rows[2]).toEqual(
    "<-> type net serv v mping ping send recv txn blk hb addrp addrl age id address version".split(
      " ",
    ),
  );
  const [first, second] = [rows[3], rows[5]];
  expect(first).toEqual(expect.arrayContaining(["in", "*", "2", "a", "70016"]));
  expect(second).toEqual(expect.arrayContaining(["out", "manual", "2", "1", "b"]));
  const outOnly = await call(["-netinfo", "2", "outonly"]);
  expect(outOnly.out).not.toMatch(/^ *in +ipv4/m);
  expect((await call(["-netinfo", "help"])).out).toContain("-netinfo (level [outonly]) | help");
});

test("-addrinfo counts addresses by network", async () => {
  const result = [{ network: "ipv4" }, { network: "onion" }, { network: "ipv4" }, { network: "x" }];
  const { call, seen } = await startNode({ getnodeaddresses: { result } });
  const { out } = await call(["-addrinfo"]);
  expect(JSON.parse(out)).toEqual({
    addresses_known: { ipv4: 2, ipv6: 0, onion: 1, i2p: 0, cjdns: 0, total: 3 },
  });
  expect(seen).toMatchObject([{ body: { params: [0] } }]);
});

test("-generate mines to an address of the wallet, and says what is missing without one", async () => {
  const { call, seen } = await startNode({
    getnewaddress: { result: "addr" },
    generatetoaddress: { result: ["00"] },
  });
  expect(JSON.parse((await call(["-generate", "3", "10"])).out)).toEqual({
    address: "addr",
    blocks: ["00"],
  });
  expect(seen[1]).toMatchObject({ body: { params: [3, "addr", 10] } });
  expect(await call(["-generate", "0"])).toMatchObject({
    code: 1,
    error:
      "error: the first argument (number of blocks to generate, default: 1) must be an integer value greater than zero\n",
  });
  expect((await call(["-generate", "1", "2", "3"])).error).toBe(
    "error: too many arguments (maximum 2 for nblocks and maxtries)\n",
  );
  const { code, error } = await (await startNode({})).call(["-generate"]);
  expect(code).toBe(32601);
  expect(error).toMatch(/^error code: -32601\nerror message:\nMethod not found: .* wallet/);
});

test("-version and -help need no node", async () => {
  const io = new TestIo();
  const input = { secret: async () => undefined, rest: async () => [] };
  expect(await run(["-version"], io, input)).toBe(0);
  expect(io.out).toMatch(/Bitcoin Core RPC client version v\d/);
  const help = new TestIo();
  expect(await run(["-?"], help, input)).toBe(0);
  expect(help.out).toContain("  -rpcwaittimeout=<n>\n");
  const none = new TestIo();
  expect(await run([], none, input)).toBe(1);
  expect(none.error).toBe("Error: too few parameters\n");
});
