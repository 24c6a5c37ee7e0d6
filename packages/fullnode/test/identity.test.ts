import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { DEVNET, devnet, nobleVerifier, regtest, signet } from "@chain/core";
import { ChainManager } from "@chain/engine";
import { openLevelStore } from "@chain/storage/level";
import { GENESIS, temporaryDirectory } from "@chain/testing/place";
import { Wallet } from "@chain/wallet";
import { walletFile } from "@chain/wallet/file";
import { describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { type IdentityOptions, parseIdentity } from "../src/identity.ts";
import { systemClock, systemTimers } from "../src/ports/system.ts";

describe("the identity of a node", () => {
  it("names its files", () => {
    const { paths, nodeId, network } = parseIdentity({ datadir: "/d" }, { NODE_ID: "3000" });
    expect({ nodeId, network: network.name }).toEqual({ nodeId: 3000, network: "devnet" });
    expect(paths).toEqual({
      database: "/d/blockchain_3000.db",
      wallet: "/d/wallet_3000.db",
      wallets: "/d/wallets_3000",
      settings: "/d/settings_3000.json",
      control: "/d/node_3000.control",
      cookie: "/d/cookie_3000",
      mempool: "/d/mempool_3000.dat",
      fees: "/d/fee_estimates_3000.dat",
      peers: "/d/peers_3000.dat",
      bans: "/d/banlist_3000.json",
      indexes: "/d/indexes_3000",
      light: "/d/light_3000",
    });
  });

  it("keeps the files of each network of Bitcoin in a directory of its own", () => {
    const places = ["regtest", "mainnet", "testnet4", "signet"].map(
      (network) => parseIdentity({ port: "3000", datadir: "/d", network }, {}).dataDir,
    );
    expect(places.slice(0, 3)).toEqual(["/d/regtest", "/d/mainnet", "/d/testnet4"]);
    expect(places[3]).toMatch(/^\/d\/signet/);
  });

  it("finds files of regtest where version 0.1 has put them, and takes those of devnet for none", async () => {
    const datadir = await temporaryDirectory();
    const place = (port: number) =>
      parseIdentity({ port: String(port), datadir, network: "regtest" }, {}).dataDir;
    const files = [
      [3000, regtest.genesis],
      [3001, GENESIS],
    ] as const;
    for (const [nodeId, genesis] of files) {
      const store = await openLevelStore(join(datadir, `blockchain_${nodeId}.db`));
      const params = genesis === GENESIS ? devnet(GENESIS) : regtest;
      const ports = { clock: systemClock, timers: systemTimers, log: () => {} };
      const chain = await ChainManager.open({ params, store, verifier: nobleVerifier, ...ports });
      await chain.close();
    }
    const now = () => 1_800_000_000;
    await Wallet.create(walletFile(join(datadir, "wallet_3002.db")), { params: regtest, now });
    await Wallet.create(walletFile(join(datadir, "wallet_3003.db")), { params: DEVNET, now });
    const own = join(datadir, "regtest");
    expect([3000, 3001, 3002, 3003].map(place)).toEqual([datadir, own, datadir, own]);
    // A file in the right place comes first.
    await mkdir(own);
    await Wallet.create(walletFile(join(own, "wallet_3000.db")), { params: regtest, now });
    expect(place(3000)).toBe(own);
  });

  it("prefers what was typed to the environment, and both to the default", () => {
    const env = { NODE_ID: "3000", CHAIN_DATADIR: "/env" };
    const id = (options: IdentityOptions, variables: Record<string, string> = env) => {
      const { nodeId, dataDir } = parseIdentity(options, variables);
      return [nodeId, dataDir];
    };
    expect(id({})).toEqual([3000, "/env"]);
    expect(id({ port: "3001", datadir: "rel" })).toEqual([3001, resolve("rel")]);
    expect(id({ network: "regtest" }, { NODE_ID: "1" })).toEqual([
      1,
      join(homedir(), ".chain", "regtest"),
    ]);
    expect(id({}, { NODE_ID: "65535", CHAIN_DATADIR: "" })[1]).toMatch(/\.chain.devnet$/);
  });

  it.each([
    " ",
    " 3000",
    "3000 ",
    "0",
    "00003000",
    "-1",
    "+3000",
    "65536",
    "99999",
    "3000.0",
    "3e3",
    "0x0bb8",
    "abc",
    "../x",
    "3000/../..",
    "３０００",
    "3000\n",
    "3000\0",
  ])("refuses %j as a name", (text) => {
    for (const [options, env] of [
      [{}, { NODE_ID: text }],
      [{ port: text }, {}],
    ] as const) {
      expect(() => parseIdentity(options, env)).toThrow(UserError);
      expect(() => parseIdentity(options, env)).toThrow(/must be a port from 1 to 65535/);
    }
  });

  it("takes an empty variable for none, as shells make them easily", () => {
    expect(() => parseIdentity({}, { NODE_ID: "" })).toThrow("which node? Set NODE_ID");
    const env = { NODE_ID: "", CHAIN_NETWORK: "mainnet" };
    expect(parseIdentity({}, env).nodeId).toBe(8333);
  });

  it("names the variable that a wrong word comes from", () => {
    const name = (env: Record<string, string>, options: IdentityOptions = {}) =>
      expect(() => parseIdentity({ port: "1", ...options }, env));
    name({ CHAIN_NETWORK: "moon" }).toThrow(/^CHAIN_NETWORK must be devnet/);
    name({ CHAIN_NETWORK: "moon" }, { network: "sun" }).toThrow(/^network must be devnet/);
    const signet = { CHAIN_NETWORK: "signet" };
    name({ ...signet, CHAIN_SIGNETCHALLENGE: "zz" }).toThrow(/^CHAIN_SIGNETCHALLENGE must be hex/);
    const timed = { ...signet, CHAIN_SIGNETCHALLENGE: "51", CHAIN_SIGNETBLOCKTIME: "x" };
    name(timed).toThrow(/^CHAIN_SIGNETBLOCKTIME must be/);
  });

  it.each([
    [{}, "which node"],
    [{ port: "" }, 'port must be a port from 1 to 65535, not ""'],
    [{ network: "regtest" }, "which node"],
    [{ port: "1", network: "Devnet" }, "devnet, regtest, mainnet, testnet4 or signet"],
    [{ port: "1", network: "" }, "devnet, regtest, mainnet, testnet4 or signet"],
    [{ port: "1", network: "testnet3" }, "devnet, regtest, mainnet, testnet4 or signet"],
    [{ port: "1", network: "constructor" }, "devnet, regtest, mainnet, testnet4 or signet"],
    [{ port: "1", datadir: "" }, "must not be empty"],
    [{ port: "1", datadir: "a\0b" }, "NUL"],
  ])("refuses %j", (options, why) => {
    expect(() => parseIdentity(options, {})).toThrow(why);
  });
});

describe("the identity of a node of the public", () => {
  it.each([
    ["mainnet", 8_333],
    ["testnet4", 48_333],
    ["signet", 38_333],
  ])("of %s needs no port, and has a directory of its own", (network, port) => {
    const { nodeId, dataDir } = parseIdentity({ network }, {});
    expect([nodeId, dataDir]).toEqual([port, join(homedir(), ".chain", network)]);
    const named = parseIdentity({ network, datadir: "/d" }, {}).dataDir;
    expect(named).toBe(resolve("/d", network));
    expect(parseIdentity({ network }, { CHAIN_DATADIR: "/d" }).dataDir).toBe(named);
    expect(parseIdentity({}, { CHAIN_NETWORK: network, NODE_ID: "5" }).nodeId).toBe(5);
  });
});

describe("a signet of one's own", () => {
  const own = (options: IdentityOptions, env: Record<string, string> = {}) =>
    parseIdentity({ network: "signet", ...options }, env);

  it("is told from others by its challenge", () => {
    const { network, dataDir, nodeId } = own({ signetchallenge: ["51"], signetblocktime: ["30"] });
    // The magic: the first bytes of sha256d(01 51).
    expect([dataDir, nodeId]).toEqual([join(homedir(), ".chain", "signet-54d26fbd"), 38_333]);
    const { signetChallenge, targetSpacing, dnsSeeds, minimumChainWork } = network.chainParams(
      signet.genesis,
    );
    expect([signetChallenge, targetSpacing]).toEqual([Uint8Array.of(0x51), 30]);
    expect([dnsSeeds, minimumChainWork]).toEqual([[], 0n]);
    expect(network.cautions).toEqual([]);
    const named = { datadir: "/d", signetchallenge: ["51"] };
    expect(own(named).dataDir).toBe(resolve("/d", "signet-54d26fbd"));
    // The same script, in other letters; and a script of nothing, as in Core.
    expect(own({ signetchallenge: ["Ab"] }).dataDir).toBe(own({ signetchallenge: ["aB"] }).dataDir);
    expect(own({ signetchallenge: [""] }).network.custom?.challenge).toBe("");
  });

  it("can be named by variables, for all programs in a terminal", () => {
    const env = { CHAIN_SIGNETCHALLENGE: "51", CHAIN_SIGNETBLOCKTIME: "20", NODE_ID: "3000" };
    const custom = (options: IdentityOptions) => parseIdentity(options, env).network.custom;
    expect(custom({ network: "signet" })).toEqual({ challenge: "51", blockTime: 20 });
    expect(custom({ network: "signet", signetchallenge: ["52"], signetblocktime: ["5"] })).toEqual({
      challenge: "52",
      blockTime: 5,
    });
    expect(custom({ network: "regtest" })).toBeUndefined();
    // A variable of nothing is none.
    expect(own({}, { CHAIN_SIGNETCHALLENGE: "" }).network.custom).toBeUndefined();
  });

  const NOT_POSITIVE = "signetblocktime must be greater than 0";
  const timed = (...signetblocktime: string[]) => ({ signetchallenge: ["51"], signetblocktime });
  it.each<[IdentityOptions, string]>([
    [{ signetchallenge: ["51", "52"] }, "signetchallenge can be given once"],
    [{ signetchallenge: ["51", "51"] }, "signetchallenge can be given once"],
    [{ signetchallenge: ["zz"] }, 'signetchallenge must be hex, not "zz"'],
    [{ signetchallenge: ["5"] }, 'signetchallenge must be hex, not "5"'],
    [{ signetchallenge: ["0x51"] }, 'signetchallenge must be hex, not "0x51"'],
    [{ signetchallenge: ["51".repeat(10_001)] }, "10000 bytes at most"],
    [{ signetblocktime: ["5"] }, "signetblocktime cannot be set without a challenge"],
    [timed("0"), NOT_POSITIVE],
    [timed("-3"), NOT_POSITIVE],
    [timed("x"), NOT_POSITIVE],
    [timed(""), NOT_POSITIVE],
    [timed("1.5"), NOT_POSITIVE],
    [timed(" 5"), NOT_POSITIVE],
    [timed("1e2"), NOT_POSITIVE],
    [timed("1209601"), "1209600 at most"],
    [timed("5", "6"), "signetblocktime can be given once"],
    [{ network: "regtest", signetchallenge: ["51"] }, "signetchallenge is for the network signet"],
    [{ network: "mainnet", signetblocktime: ["5"] }, "signetblocktime is for the network signet"],
  ])("refuses %j", (options, why) => {
    expect(() => own({ port: "1", ...options })).toThrow(why);
  });
});
