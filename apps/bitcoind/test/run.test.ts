import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgramIo } from "@chain/terminal";
import { freePort } from "@chain/testing/place";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../src/index.ts";

/** A run whose output is kept. */
function start(argv: readonly string[]) {
  const seen = { out: "", error: "", stop: () => {} };
  const io: ProgramIo = {
    write: async (text) => {
      seen.out += text;
    },
    writeError: (text) => {
      seen.error += text;
    },
    colour: false,
    onStop: (listener) => {
      seen.stop = listener;
      return () => {};
    },
  };
  return { seen, code: run(argv, io) };
}

async function dataDirectory(config = ""): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "chain-bitcoind-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "bitcoin.conf"), config);
  return directory;
}

async function call(
  port: number,
  cookie: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(cookie).toString("base64")}` },
    body: JSON.stringify({ method, params }),
  });
  return ((await response.json()) as { result: unknown }).result;
}

test("a node is started by bitcoin.conf, answers by its cookie, and leaves Core's files", async () => {
  const [port, rpcPort] = [await freePort(), await freePort()];
  const own = `port=${port}\nrpcport=${rpcPort}\nconnect=0\nprinttoconsole=0\n`;
  const directory = await dataDirectory(`regtest=1\ncheckblocks=1\n[regtest]\n${own}`);
  const { seen, code } = start([`-datadir=${directory}`]);
  const file = (name: string) => readFile(join(directory, "regtest", name), "utf8");
  await expect
    .poll(() => file("debug.log").catch(() => ""))
    .toContain("Z init message: Done loading\n");
  expect(await file("bitcoind.pid")).toBe(`${process.pid}\n`);
  const cookie = await file(".cookie");
  expect(await call(rpcPort, cookie, "getblockcount")).toBe(0);
  seen.stop();
  expect(await code).toBe(0);
  const log = await file("debug.log");
  expect(log).toContain("-checkblocks is an option of Bitcoin Core that changes nothing here");
  expect(log).toMatch(/Shutdown: done\n$/);
  expect(seen).toMatchObject({ out: "", error: "" });
  await expect(file("bitcoind.pid")).rejects.toThrow("ENOENT");
});

test("a setting of regtest before all sections is an error, because it would not count", async () => {
  const { seen, code } = start([`-datadir=${await dataDirectory("regtest=1\nport=1234\n")}`]);
  expect(await code).toBe(1);
  expect(seen.error).toBe(
    "Error: Config setting for -port only applied on regtest network when in [regtest] section.\n",
  );
});

test("a chain from the future ends the start, in Core's words and without its caption", async () => {
  // Two hours and a second before the first block of regtest.
  const { seen, code } = start([
    `-datadir=${await dataDirectory("regtest=1\nprinttoconsole=0\n")}`,
    "-mocktime=1296681401",
    `-rpcport=${await freePort()}`,
  ]);
  expect(await code).toBe(1);
  expect(seen.error).toMatch(
    /^: The block database contains a block which appears to be from the future\. .*\nPlease restart with -reindex or -reindex-chainstate to recover\.\n$/,
  );
});

test("nodes that take no calls share a port, and one with its network off calls nobody", async () => {
  const port = await freePort();
  const nodes = await Promise.all(
    [0, 1].map(async () => {
      const rpcPort = await freePort();
      const directory = await dataDirectory();
      const own = ["-regtest", `-datadir=${directory}`, `-rpcport=${rpcPort}`, `-port=${port}`];
      const { seen, code } = start([...own, "-listen=0", "-networkactive=0", "-printtoconsole=0"]);
      const file = (name: string) => readFile(join(directory, "regtest", name), "utf8");
      await expect.poll(() => file("debug.log").catch(() => "")).toContain("Done loading\n");
      const info = await call(rpcPort, await file(".cookie"), "getnetworkinfo");
      expect(info).toMatchObject({ networkactive: false });
      return { seen, code };
    }),
  );
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  for (const { seen, code } of nodes) {
    seen.stop();
    expect(await code).toBe(0);
  }
});

test("a PID file that can't be written ends the start", async () => {
  const directory = await dataDirectory();
  const path = join(directory, "none", "pid");
  const own = ["-regtest", `-datadir=${directory}`, `-rpcport=${await freePort()}`, "-listen=0"];
  const { seen, code } = start([...own, `-pid=${path}`, "-printtoconsole=0"]);
  expect(await code).toBe(1);
  const why = "No such file or directory (2)";
  expect(seen.error).toBe(`Error: Unable to create the PID file '${path}': ${why}\n`);
});

test.each([
  [["foo"], "Command line contains unexpected token 'foo', see bitcoind -h for a list of options."],
  [["-foo"], "Error parsing command line arguments: Invalid parameter -foo"],
  [
    ["-regtest", "-signet"],
    "Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.",
  ],
  [["-chain=moon"], "Unknown chain moon."],
  [["-regtest", "-uacomment=/"], "User Agent comment (/) contains unsafe characters."],
  [["-conf=none.conf"], "could not be opened."],
  [["-regtest", "-debug=abc"], "Unsupported logging category -debug=abc."],
  [["-regtest", "-debugexclude=abc"], "Unsupported logging category -debugexclude=abc."],
  [["-regtest", "-loglevel=abc"], "Unsupported global logging level -loglevel=abc. Valid values:"],
  [["-regtest", "-loglevel=net:abc"], "Unsupported category-specific logging level"],
  [["-regtest", `-uacomment=${"a".repeat(256)}`], "Total length of network version string ("],
  [["-regtest", "-rpcauth=foo"], "Unable to start HTTP server. See debug log for details."],
  [["-regtest", "-rpcauth="], "Unable to start HTTP server. See debug log for details."],
  [["-regtest", "-rpcauth"], "Unable to start HTTP server. See debug log for details."],
  [["-regtest", "-maxconnections=-1"], "-maxconnections must be greater or equal than zero"],
  [
    ["-regtest", "-blocksdir=/nonexist"],
    'Error: Specified blocks directory "/nonexist" does not exist.\n',
  ],
])("%j ends with one line and exit code 1", async (argv, message) => {
  const { seen, code } = start([`-datadir=${await dataDirectory()}`, ...argv]);
  expect(await code).toBe(1);
  expect(seen.error).toMatch(/^Error: .*\n$/);
  expect(seen.error).toContain(message);
});

test("a wrong -rpcallowip is told with what is valid, as Core does", async () => {
  const { seen, code } = start([`-datadir=${await dataDirectory()}`, "-regtest", "-rpcallowip=x"]);
  expect(await code).toBe(1);
  expect(seen.error).toBe(
    "Error: Invalid -rpcallowip subnet specification: x. Valid values are a single IP (e.g. 1.2.3.4), a network/netmask (e.g. 1.2.3.4/255.255.255.0), a network/CIDR (e.g. 1.2.3.4/24), all ipv4 (0.0.0.0/0), or all ipv6 (::/0). RFC4193 is allowed only if -cjdnsreachable=0.\n" +
      "Error: Unable to start HTTP server. See debug log for details.\n",
  );
});

test("a cookie that can't be written is an error of the RPC, and none is written where none is wanted", async () => {
  const [port, rpcPort] = [await freePort(), await freePort()];
  const own = `port=${port}\nrpcport=${rpcPort}\nconnect=0\nprinttoconsole=0\n`;
  const directory = await dataDirectory(`regtest=1\n[regtest]\n${own}`);
  const draft = join(directory, "regtest", ".cookie.tmp");
  await mkdir(draft, { recursive: true });
  const failed = start([`-datadir=${directory}`]);
  expect(await failed.code).toBe(1);
  expect(failed.seen.error).toBe(
    "Error: Unable to start HTTP server. See debug log for details.\n",
  );
  await rmdir(draft);
  const { seen, code } = start([`-datadir=${directory}`, "-norpccookiefile"]);
  const log = join(directory, "regtest", "debug.log");
  await expect.poll(() => readFile(log, "utf8")).toContain("init message: Done loading\n");
  const names = await readdir(join(directory, "regtest"));
  expect(names).toContain("chainstate");
  for (const secret of [".cookie", "control"]) expect(names).not.toContain(secret);
  seen.stop();
  expect(await code).toBe(0);
});

test("a second node of a directory is told that the first has it", async () => {
  const ports = () =>
    Promise.all(["port", "rpcport"].map(async (name) => `-${name}=${await freePort()}`));
  const directory = await dataDirectory("regtest=1\n[regtest]\nconnect=0\nprinttoconsole=0\n");
  const first = start([`-datadir=${directory}`, ...(await ports())]);
  const log = join(directory, "regtest", "debug.log");
  await expect.poll(() => readFile(log, "utf8").catch(() => "")).toContain("Done loading\n");
  const second = start([`-datadir=${directory}`, ...(await ports())]);
  expect(await second.code).toBe(1);
  expect(second.seen.error).toBe(
    `Error: Cannot obtain a lock on directory ${join(directory, "regtest")}. chain-bitcoind is probably already running.\n`,
  );
  first.seen.stop();
  expect(await first.code).toBe(0);
});

test("a node ends at the height that it is told", async () => {
  const [port, rpcPort] = [await freePort(), await freePort()];
  const own = `port=${port}\nrpcport=${rpcPort}\nconnect=0\nprinttoconsole=0\n`;
  const directory = await dataDirectory(`regtest=1\n[regtest]\n${own}`);
  const { code } = start([`-datadir=${directory}`, "-stopatheight=2"]);
  const file = (name: string) => readFile(join(directory, "regtest", name), "utf8");
  await expect.poll(() => file("debug.log").catch(() => "")).toContain("Done loading\n");
  expect(await file("debug.log")).toContain("SetNetworkActive: true\n");
  const cookie = await file(".cookie");
  const mine = () => call(rpcPort, cookie, "generatetodescriptor", [1, "raw(51)#8lvh9jxk"]);
  expect(await mine()).toHaveLength(1);
  expect(await call(rpcPort, cookie, "getblockcount")).toBe(1);
  expect(await mine()).toHaveLength(1);
  expect(await code).toBe(0);
  expect(await file("debug.log")).toMatch(/Shutdown: done\n$/);
});

test.each([
  ["-pid=/does/not/exist/x.pid", "Unable to create the PID file '/does/not/exist/x.pid': "],
  ["-datadir=FILE", "can't make the data directory "],
])("where %s can't be written the node says so in one line", async (option, message) => {
  const directory = await dataDirectory();
  const ports = [`-port=${await freePort()}`, `-rpcport=${await freePort()}`];
  const own = option.replace("FILE", join(directory, "bitcoin.conf"));
  const args = ["-regtest", "-connect=0", "-printtoconsole=0", `-datadir=${directory}`, ...ports];
  const { seen, code } = start([...args, own]);
  expect(await code).toBe(1);
  expect(seen.error).toMatch(/^Error: .*\n$/);
  expect(seen.error).toContain(message);
  // Its database is free again.
  const again = start(args);
  await expect
    .poll(() => readFile(join(directory, "regtest", "debug.log"), "utf8").catch(() => ""))
    .toMatch(/Done loading\n$/);
  again.seen.stop();
  expect(await again.code).toBe(0);
});
