/** The settings of the page, which stand in its address: a page that is opened again goes on. */
import { Block, type ChainParams, DEVNET, devnet, hexToBytes, regtest } from "@chain/core";
import type { PeerAddress } from "@chain/engine";
import { decodeAddress } from "@chain/wallet";

export interface Settings {
  /** The URL of the node's WebSocket. */
  readonly url: string;
  readonly peer: PeerAddress;
  readonly kind: "light" | "full";
  readonly params: ChainParams;
  /** The address to watch; empty where there is none. */
  readonly address: string;
  /** The output script that pays it. */
  readonly script: Uint8Array | undefined;
}

export type ReadSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly reason: string };

/** Reads what the form has sent. */
export function readSettings(query: URLSearchParams): ReadSettings {
  const text = (name: string) => query.get(name)?.trim() ?? "";
  const peer = peerOf(text("node"));
  if (peer === undefined) return refused("the node's address must be like ws://127.0.0.1:3001");
  const params = paramsOf(text("network"), text("genesis"));
  if (typeof params === "string") return refused(params);
  const address = text("address");
  const decoded = address === "" ? undefined : decodeAddress(address, params);
  if (decoded?.ok === false) return refused(`the address to watch: ${decoded.reason}`);
  return {
    ok: true,
    settings: {
      url: text("node"),
      peer,
      kind: text("kind") === "full" ? "full" : "light",
      params,
      address,
      script: decoded?.script,
    },
  };
}

function refused(reason: string): ReadSettings {
  return { ok: false, reason };
}

function peerOf(text: string): PeerAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  if (protocol !== "ws:" && protocol !== "wss:") return undefined;
  const usual = protocol === "ws:" ? 80 : 443;
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? usual : Number(port) };
}

/** @returns a reason where there are none */
function paramsOf(network: string, genesis: string): ChainParams | string {
  if (network !== DEVNET.name) return regtest;
  if (genesis === "") return "each devnet has a genesis block of its own: give it in hex";
  try {
    return devnet(Block.fromBytes(hexToBytes(genesis)));
  } catch (error) {
    return `the genesis block: ${error instanceof Error ? error.message : String(error)}`;
  }
}
