import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Block, DEVNET } from "@chain/core";
import { createDatabase, type Identity, parseIdentity } from "@chain/fullnode";
import { encodeAddress } from "@chain/wallet";
import { onTestFinished } from "vitest";
import { testKey } from "./blockFactory.ts";
import { nextFreePort } from "./ports.ts";

/** The devnet address of the n-th test key. */
export function addressOf(n: number): string {
  return encodeAddress({ type: "p2pkh", hash: testKey(n).script.subarray(3, 23) }, DEVNET);
}

/** A directory that is gone after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "chain-node-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort(): Promise<number> {
  return nextFreePort();
}

/** A node of a fresh data directory on a free port. It has no chain. */
export async function newIdentity(dataDir?: string): Promise<Identity> {
  const datadir = dataDir ?? (await temporaryDirectory());
  return parseIdentity({ port: String(await freePort()), datadir }, {});
}

/** Genesis blocks that pay test key 0, as `mineGenesis` makes them. */
export const GENESIS: Block = genesis(
  "01",
  "2dfd0f1fc00fc947e51d938a6edf27bf018f771d765970e265ba37ef6d9aa69c",
  "166a0000",
);
export const OTHER_GENESIS: Block = genesis(
  "02",
  "551a75ead0a26c22bb0445b55e4e9a1270edf722d5ef980d4e9a026848bbbed7",
  "78450000",
);

function genesis(unique: string, merkleRoot: string, nonce: string): Block {
  const header = `00000020${"00".repeat(32)}${merkleRoot}00f15365ffff001f${nonce}`;
  const input = `${"00".repeat(32)}ffffffff120010${unique.repeat(16)}ffffffff`;
  const output = `00ca9a3b000000001976a91414e9350ff85e4ef80ab45e6e2f07e215f8a7772488ac`;
  return Block.fromHex(`${header}010200000001${input}01${output}00000000`);
}

/** The same with a chain. */
export async function newChain(dataDir?: string, genesisBlock: Block = GENESIS): Promise<Identity> {
  const identity = await newIdentity(dataDir);
  await createDatabase(identity, genesisBlock);
  return identity;
}

/** Arguments that name a node. */
export function asNode({ nodeId, dataDir }: Identity): string[] {
  return ["--port", String(nodeId), "--datadir", dataDir];
}
