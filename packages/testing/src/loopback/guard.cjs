/**
 * Keeps a process, and every process and thread that it starts, on this machine: a connection, a datagram or a name
 * lookup that would leave it throws, and is noted in a file, because a program may swallow the error. The process that
 * loads this first ends with 1 if anything was noted. The others get it through NODE_OPTIONS, so it is plain
 * JavaScript, which needs no loader. Programs that are not Node's cannot be held: tests/loopback.test.ts reads what
 * they are started with.
 */
"use strict";
const childProcess = require("node:child_process");
const dgram = require("node:dgram");
const dns = require("node:dns");
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const net = require("node:net");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** Environment: the file of notes, one line of JSON for each attempt. It exists after the first. */
const NOTES = "CHAIN_OUTSIDE_NOTES";
/** Environment: the test that runs, for the notes. */
const TEST = "CHAIN_OUTSIDE_TEST";
/** Environment: why this process and its children may go outside, see `withRegistry`. */
const ALLOWED = "CHAIN_OUTSIDE_ALLOWED";
module.exports = { NOTES, TEST, ALLOWED };

const OPTION = `--require ${JSON.stringify(__filename)}`;

/**
 * Ports of the networks: devnet, regtest, mainnet, testnet4, signet. In tests, whose ports the system chooses, somebody
 * else's node is there.
 */
const DEFAULT_PORTS = new Set([3000, 18_444, 8333, 48_333, 38_333]);

const loopback = new net.BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addAddress("::1", "ipv6");

if (process.env[ALLOWED] === undefined) guard();

function guard() {
  if (!process.env[NOTES]) {
    process.env[NOTES] = join(tmpdir(), `chain-outside-${process.pid}-${Date.now()}`);
    process.on("exit", report);
  }
  process.env.NODE_OPTIONS = withGuard(process.env.NODE_OPTIONS);
  guardConnections();
  guardDatagrams();
  guardLookups();
  guardChildren();
  syncBuiltinESMExports();
}

/** TCP, and all that is made of it: tls, http, fetch. */
function guardConnections() {
  // The system may choose a port of a network for a server of this process.
  const ours = new Set();
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (...args) {
    this.prependOnceListener("listening", () => {
      const port = this.address()?.port;
      ours.add(port);
      this.once("close", () => ours.delete(port));
    });
    return listen.apply(this, args);
  };
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...args) {
    // `net.connect` hands over its arguments as an array.
    const [first, second] = Array.isArray(args[0]) ? args[0] : args;
    const isObject = typeof first === "object" && first !== null;
    const { path, host, port, lookup } = isObject ? first : { port: first };
    const name = isObject ? host : typeof second === "string" ? second : undefined;
    const isPath = path || (!isObject && typeof first === "string" && Number.isNaN(Number(first)));
    // Other names are looked up, which is refused there.
    if (!isPath && (net.isIP(name || "") || lookup)) check("connect to", name, port);
    if (
      !isPath &&
      process.env[TEST] &&
      DEFAULT_PORTS.has(Number(port)) &&
      !ours.has(Number(port))
    ) {
      refuse("connect to", `${name} port ${port}, where nodes call that were not told --connect`);
    }
    return connect.apply(this, args);
  };
}

function guardDatagrams() {
  const { connect, send } = dgram.Socket.prototype;
  dgram.Socket.prototype.connect = function (port, address, ...rest) {
    if (typeof address === "string") check("send to", address, port);
    return connect.call(this, port, address, ...rest);
  };
  dgram.Socket.prototype.send = function (...args) {
    // send(message, [offset, length,] [port, address,] [callback])
    const [port, address] = typeof args[4] === "string" ? args.slice(3) : args.slice(1);
    if (typeof address === "string") check("send to", address, port);
    return send.apply(this, args);
  };
}

function guardLookups() {
  const { lookup } = dns;
  dns.lookup = (name, ...rest) => {
    checkName(name);
    return lookup(name, ...rest);
  };
  const { promises } = dns;
  const { lookup: lookupLater } = promises;
  promises.lookup = async (name, ...rest) => {
    checkName(name);
    return lookupLater(name, ...rest);
  };
  // These ask a server, whatever the name.
  for (const asks of [dns, dns.Resolver.prototype]) {
    for (const method of questions(asks)) asks[method] = (name) => refuse("look up", name);
  }
  for (const asks of [promises, promises.Resolver.prototype]) {
    for (const method of questions(asks)) asks[method] = async (name) => refuse("look up", name);
  }
}

function questions(asks) {
  return Object.keys(asks).filter((name) => /^(resolve|reverse)/.test(name));
}

/** A child that is given another environment gets the guard as well. */
function guardChildren() {
  const { spawn } = childProcess.ChildProcess.prototype;
  childProcess.ChildProcess.prototype.spawn = function (options) {
    const pairs = options.envPairs ?? [];
    const env = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
    const envPairs = Object.entries(withGuardIn(env)).map(([name, value]) => `${name}=${value}`);
    return spawn.call(this, { ...options, envPairs });
  };
  for (const name of ["spawnSync", "execFileSync", "execSync"]) {
    const start = childProcess[name];
    childProcess[name] = (...args) =>
      start(...args.map((arg) => (arg?.env ? { ...arg, env: withGuardIn(arg.env) } : arg)));
  }
}

function withGuardIn(env) {
  if (env[ALLOWED] !== undefined) return env;
  const own = { [NOTES]: process.env[NOTES], [TEST]: process.env[TEST] };
  const inherited = Object.entries(own).filter(([, value]) => value !== undefined);
  const NODE_OPTIONS = withGuard(env.NODE_OPTIONS);
  return { ...Object.fromEntries(inherited), ...env, NODE_OPTIONS };
}

function withGuard(options = "") {
  return options.includes(OPTION) ? options : `${options} ${OPTION}`.trimStart();
}

function check(verb, host, port) {
  const [address] = (host || "localhost").split("%");
  const family = net.isIP(address);
  if (family === 0 && address.toLowerCase() === "localhost") return;
  if (family !== 0 && loopback.check(address, `ipv${family}`)) return;
  refuse(verb, port === undefined ? address : `${address} port ${port}`);
}

/** An address needs no lookup. */
function checkName(name) {
  if (name && net.isIP(name) === 0) check("look up", name);
}

function refuse(verb, target) {
  const test = process.env[TEST];
  const by = test ? ` (${test})` : "";
  const error = new Error(`may not ${verb} ${target}${by}`);
  const program = process.argv.slice(1).join(" ");
  const note = { verb, target, test, program, stack: error.stack };
  fs.appendFileSync(process.env[NOTES], `${JSON.stringify(note)}\n`);
  throw error;
}

function report() {
  const file = process.env[NOTES];
  if (!fs.existsSync(file)) return;
  const notes = fs.readFileSync(file, "utf8").trimEnd().split("\n").map(JSON.parse);
  fs.rmSync(file);
  const lines = notes.map(({ verb, target, test, program, stack }) => {
    const frames = stack.split("\n").filter((line) => !line.includes(__filename));
    return [
      `${test || "outside of a test"}: ${verb} ${target}, by ${program}`,
      ...frames.slice(1, 6),
    ];
  });
  process.stderr.write(`\nattempts to leave loopback:\n${lines.flat().join("\n")}\n`);
  process.exitCode = 1;
}
