import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { type IdentityOptions, parseIdentity } from "../src/identity.ts";

describe("the identity of a node", () => {
  it("names its files", () => {
    const { paths, nodeId, network } = parseIdentity({ datadir: "/d" }, { NODE_ID: "3000" });
    expect({ nodeId, network }).toEqual({ nodeId: 3000, network: "devnet" });
    expect(paths).toEqual({
      database: "/d/blockchain_3000.db",
      wallet: "/d/wallet_3000.db",
      control: "/d/node_3000.control",
      mempool: "/d/mempool_3000.dat",
      peers: "/d/peers_3000.dat",
      bans: "/d/banlist_3000.json",
    });
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
    "",
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

  it.each([
    [{}, "which node"],
    [{ port: "1", network: "mainnet" }, "never been tried"],
    [{ port: "1", network: "Devnet" }, "devnet or regtest"],
    [{ port: "1", network: "" }, "devnet or regtest"],
    [{ port: "1", datadir: "" }, "must not be empty"],
    [{ port: "1", datadir: "a\0b" }, "NUL"],
  ])("refuses %j", (options, why) => {
    expect(() => parseIdentity(options, {})).toThrow(why);
  });
});
