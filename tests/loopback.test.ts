/** Tests, demo and benchmarks never leave this machine: the guard of `@chain/testing/loopback` holds them to it. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GUARD, type OutsideNote, stayOnLoopback, withRegistry } from "@chain/testing/loopback";
import { expect, onTestFinished, test } from "vitest";
import { type Outcome, outsideEnvironment, run } from "./packages/run.ts";

const VITEST = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const { NOTES, TEST } = stayOnLoopback();

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chain-loopback-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs Node as a guarded program that answers for itself, as if nobody guarded had started it. */
function runAlone(argv: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const env = { ...outsideEnvironment(), [NOTES]: "", [TEST]: "", ...more };
  return run(process.execPath, ["--require", GUARD, ...argv], temporaryFolder(), env);
}

const dial = (port: number) => `require("net").connect(${port}, "192.0.2.1")`;
/** Arguments that start a program which dials. */
const dialer = (port: number) => `process.execPath, ["-e", ${JSON.stringify(dial(port))}]`;

/** Ways to leave, and what is noted. */
const WAYS: readonly (readonly [code: string, note: string])[] = [
  [dial(1), "connect to 192.0.2.1 port 1"],
  [`new net.Socket().connect({ host: "10.0.0.1", port: 2 })`, "connect to 10.0.0.1 port 2"],
  [`net.connect({ host: "2001:db8::1", port: 3 })`, "connect to 2001:db8::1 port 3"],
  [`net.connect(4, "::ffff:192.0.2.1")`, "connect to ::ffff:192.0.2.1 port 4"],
  [`net.connect("5", "0.0.0.0")`, "connect to 0.0.0.0 port 5"],
  [`net.connect(6, "a.example")`, "look up a.example"],
  [
    `net.connect({ host: "b.example", port: 7, lookup: (...all) => all.at(-1)(null, "192.0.2.1", 4) })`,
    "connect to b.example port 7",
  ],
  [`tls.connect(8, "192.0.2.1")`, "connect to 192.0.2.1 port 8"],
  [`http.get("http://192.0.2.1:9")`, "connect to 192.0.2.1 port 9"],
  [`fetch("http://192.0.2.1:12").catch(() => {})`, "connect to 192.0.2.1 port 12"],
  [
    `import("node:net").then(({ connect }) => connect(13, "192.0.2.1")).catch(() => {})`,
    "connect to 192.0.2.1 port 13",
  ],
  [`dgram.createSocket("udp4").send("x", 14, "192.0.2.1")`, "send to 192.0.2.1 port 14"],
  [
    `dgram.createSocket("udp4").send(Buffer.alloc(9), 0, 9, 15, "192.0.2.1", () => {})`,
    "send to 192.0.2.1 port 15",
  ],
  [`dgram.createSocket("udp4").connect(16, "192.0.2.1")`, "send to 192.0.2.1 port 16"],
  [`dns.lookup("c.example", () => {})`, "look up c.example"],
  [`dns.promises.lookup("d.example").catch(() => {})`, "look up d.example"],
  [`dns.resolve4("localhost", () => {})`, "look up localhost"],
  [`dns.promises.resolveTxt("e.example").catch(() => {})`, "look up e.example"],
  [`new dns.Resolver().resolve("f.example", () => {})`, "look up f.example"],
  [`dns.reverse("192.0.2.1", () => {})`, "look up 192.0.2.1"],
  [
    `new Worker(${JSON.stringify(dial(17))}, { eval: true }).on("error", () => {})`,
    "connect to 192.0.2.1 port 17",
  ],
  [`cp.execFile(${dialer(18)}, () => {})`, "connect to 192.0.2.1 port 18"],
  // As if its environment had come from elsewhere.
  [`cp.spawn(${dialer(19)}, { env: {} })`, "connect to 192.0.2.1 port 19"],
  [`cp.spawnSync(${dialer(20)}, { env: {} })`, "connect to 192.0.2.1 port 20"],
  [`cp.execFileSync(${dialer(21)}, { env: {}, stdio: "ignore" })`, "connect to 192.0.2.1 port 21"],
];

test("each way to leave is refused and noted, though every error is swallowed", async () => {
  const modules = `
    const [net, tls, http, dgram, dns, cp, { Worker }] =
      ["net", "tls", "http", "dgram", "dns", "child_process", "worker_threads"].map(require);
  `;
  const notes = join(temporaryFolder(), "notes");
  const code = WAYS.map(([way]) => `try { ${way} } catch {}`).join("\n");
  const outcome = await runAlone(["-e", modules + code], { [NOTES]: notes });
  expect(outcome).toMatchObject({ code: 0, output: "" });
  const noted = readFileSync(notes, "utf8").trimEnd().split("\n");
  const said = noted.map((line) => JSON.parse(line) as OutsideNote);
  expect(said.map(({ verb, target }) => `${verb} ${target}`).sort()).toEqual(
    WAYS.map(([, note]) => note).sort(),
  );
});

test.each(["the error is swallowed", "the exit status is chosen"])(
  "a program fails that has tried, even if %s",
  async (how) => {
    const end = how === "the error is swallowed" ? "" : "process.exit(0)";
    const { code, output } = await runAlone(["-e", `try { ${dial(80)} } catch {} ${end}`]);
    expect(output).toContain("attempts to leave loopback");
    expect(output).toContain("outside of a test: connect to 192.0.2.1 port 80");
    expect(code).toBe(1);
  },
);

test("this machine may be called in all ways", async () => {
  const code = `
    const { connect } = require("net");
    const gone = (socket) => socket.on("error", () => {}).on("connect", () => socket.destroy());
    for (const host of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost", undefined]) {
      gone(connect(1, host));
      gone(connect({ host, port: 1 }));
    }
    gone(connect("/no/such/socket"));
    gone(connect({ path: "/no/such/socket" }));
    const udp = require("dgram").createSocket("udp4");
    udp.send("x", 9, "127.0.0.1", () => udp.send("x", 9, () => udp.close()));
    require("dns").lookup("192.0.2.1", () => {});
  `;
  expect(await runAlone(["-e", code])).toMatchObject({ code: 0, output: "" });
});

test("a package manager is let out by name, with its children", async () => {
  const lookup = `(...args) => args.at(-1)(null, "127.0.0.1", 4)`;
  const code = `require("net").connect({ host: "registry.example", port: 1, lookup }).on("error", () => {});`;
  const child = `require("child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(`const lookup = ${lookup}; ${code}`)}]);`;
  const argv = ["-e", `const lookup = ${lookup}; ${code} ${child}`];
  expect(await runAlone(argv)).toMatchObject({ code: 1 });
  expect(await runAlone(argv, withRegistry("a test", {}))).toMatchObject({ code: 0, output: "" });
});

test("a test file is guarded, and the error names test and target", () => {
  const { [NOTES]: notes } = process.env;
  const file = join(temporaryFolder(), "notes");
  process.env[NOTES] = file;
  try {
    expect(() => connect(80, "192.0.2.1")).toThrow(
      "may not connect to 192.0.2.1 port 80 (tests/loopback.test.ts > a test file is guarded",
    );
    expect(() => connect(18_444, "127.0.0.1")).toThrow("that were not told --connect");
  } finally {
    process.env[NOTES] = notes;
  }
  expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(2);
});

test("a server of this very process may be called at a port of a network, which the system may have chosen", async () => {
  const server = createServer((socket) => socket.end());
  const host = "127.0.0.38"; // nobody else's
  await once(server.listen(38_333, host), "listening");
  await once(connect(38_333, host).resume(), "close");
  server.close();
  await once(server, "close");
});

test("a run of tests fails where one swallows the error, or a program that it has started", async () => {
  const folder = temporaryFolder();
  const setup = fileURLToPath(
    new URL("../packages/testing/src/loopback/setup.ts", import.meta.url),
  );
  const options = JSON.stringify({ globals: true, setupFiles: [setup] });
  writeFileSync(join(folder, "vitest.config.mjs"), `export default { test: ${options} };`);
  const swallowed = `try { process.getBuiltinModule("net").connect(80, "192.0.2.1"); } catch {}`;
  const child = `process.getBuiltinModule("child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(`try { ${dial(80)} } catch {}`)}]);`;
  const files = {
    "a.test.js": `test("swallows", () => { ${swallowed} }); test("is good", () => {});`,
    "b.test.js": `test("starts one", () => { ${child} });`,
    "c.test.js": `beforeAll(() => { ${swallowed} }); test("is good, too", () => {});`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { code, output } = await runAlone([VITEST, "run", "--root", folder]);
  const failed = [...output.matchAll(/^ FAIL +(.*)$/gm)].map(([, name]) => name);
  expect(failed.sort()).toEqual([
    "a.test.js > swallows",
    "b.test.js > starts one",
    "c.test.js [ c.test.js ]",
  ]);
  expect(output).toContain("Tests  2 failed | 2 passed");
  expect(output).toContain("attempts to leave loopback");
  expect(code).toBe(1);
});
