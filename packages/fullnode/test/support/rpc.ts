/** A regtest node of this process that is driven as Core's functional tests drive theirs. */
import { regtest } from "@chain/core";
import { testKey } from "@chain/testing/blockFactory";
import { freePort, temporaryDirectory } from "@chain/testing/place";
import { encodeAddress } from "@chain/wallet";
import { onTestFinished } from "vitest";
import { type Identity, parseIdentity } from "../../src/identity.ts";
import type { NodeConfig } from "../../src/node/config.ts";
import { type RunningNode, startNode } from "../../src/node/start.ts";
import { type ControlClient, openControl } from "../../src/rpc/client.ts";

export interface Driven {
  readonly identity: Identity;
  readonly node: RunningNode;
  readonly rpc: ControlClient;
  /** Where others call it. */
  readonly address: { readonly host: string; readonly port: number };
}

/** The regtest address of the n-th test key. */
export function regtestAddress(n: number): string {
  return encodeAddress({ type: "p2pkh", hash: testKey(n).script.subarray(3, 23) }, regtest);
}

export async function newRegtest(): Promise<Identity> {
  const datadir = await temporaryDirectory();
  return parseIdentity({ port: String(await freePort()), datadir, network: "regtest" }, {});
}

/** Starts it, until the end of the test. It calls nobody unless told to. */
export async function drive(
  config: Partial<NodeConfig> = {},
  identity?: Identity,
): Promise<Driven> {
  const own = identity ?? (await newRegtest());
  const calls = config.addNodes === undefined ? { connect: [] } : {};
  const node = await startNode({ identity: own, ...calls, ...config });
  onTestFinished(() => node.stop());
  const rpc = await openControl(own.paths);
  if (rpc === undefined) throw new TypeError("it does not run");
  return { identity: own, node, rpc, address: { host: "127.0.0.1", port: own.nodeId } };
}
