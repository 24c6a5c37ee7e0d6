import { readFile } from "node:fs/promises";
import type { Log, PeerAddress } from "@chain/engine";
import type { EsploraHost } from "@chain/esplora";
import type { Indexes } from "@chain/indexes";
import { UserError } from "../errors.ts";
import type { Service } from "../node/service.ts";
import type { TlsCertificate } from "../ports/tcp.ts";
import { cannotRead } from "../systemWords.ts";
import type { OpenDoor } from "./esplora.ts";

/** Further doors of a node, for explorers and wallets: where each is. The indexes that they need are switched on. */
export interface DoorsConfig {
  /** Esplora's REST API, over HTTP. */
  readonly esplora?: PeerAddress;
  /** The Electrum protocol over TCP. */
  readonly electrum?: PeerAddress;
  /** The same over WebSocket. */
  readonly electrumWs?: PeerAddress;
  /** The same over TLS, with the certificate and the key of these files, in PEM. */
  readonly electrumTls?: PeerAddress;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
}

/** The doors that are open, in the order of `DoorsConfig`. */
export interface RunningDoors extends Service {
  readonly open: readonly (OpenDoor & { readonly name: string })[];
}

interface Node extends Pick<EsploraHost, "chain" | "rpc"> {
  readonly indexes: Indexes;
}

/** Whether a configuration has any door. */
export function hasDoors({ esplora, electrum, electrumWs, electrumTls }: DoorsConfig): boolean {
  return [esplora, electrum, electrumWs, electrumTls].some((each) => each !== undefined);
}

/** @throws UserError `in-use`, `usage`, `io` */
export async function startDoors(
  config: DoorsConfig,
  { indexes, ...node }: Node,
  log: Log,
): Promise<RunningDoors> {
  const open: (OpenDoor & { readonly name: string })[] = [];
  const stop = async () => {
    for (const door of open.splice(0)) await door.close();
  };
  const { transactions, spenders, scriptHistory } = indexes;
  const isIndexed =
    transactions !== undefined && spenders !== undefined && scriptHistory !== undefined;
  if (!hasDoors(config) || !isIndexed) return { open, stopping: "closing the doors", stop };
  const host = { ...node, indexes: { transactions, spenders, scriptHistory } };
  const add = (name: string, door: OpenDoor) => {
    open.push({ name, ...door });
    const { url, port } = door;
    log("info", "net", `${name} answers on ${url}`, { event: "door", name, url, port });
  };
  try {
    // They take long to load, and few nodes have them.
    const [{ startEsplora }, { startElectrum }] = await Promise.all([
      import("./esplora.ts"),
      import("./electrum.ts"),
    ]);
    const { esplora, electrum, electrumWs, electrumTls } = config;
    if (esplora !== undefined) add("Esplora", await startEsplora(host, { ...esplora, log }));
    for (const [transport, address] of [
      ["tcp", electrum],
      ["ws", electrumWs],
      ["tls", electrumTls],
    ] as const) {
      if (address === undefined) continue;
      const tls = transport === "tls" ? { tls: await certificateOf(config) } : {};
      add("Electrum", await startElectrum(host, { ...address, transport, log, ...tls }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { open, stopping: "closing the doors", stop };
}

async function certificateOf({ tlsCertificate, tlsKey }: DoorsConfig): Promise<TlsCertificate> {
  if (tlsCertificate === undefined || tlsKey === undefined) {
    const message = "Electrum over TLS needs a certificate and its key (tlsCertificate, tlsKey)";
    throw new UserError("usage", message, { data: { option: "electrumTls" } });
  }
  const read = async (path: string) => {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      throw cannotRead("the file", path, error);
    }
  };
  return { cert: await read(tlsCertificate), key: await read(tlsKey) };
}
