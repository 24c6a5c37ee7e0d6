import { resolve } from "node:path";
import type { Log } from "@chain/engine";
import { METHODS, RpcServer } from "@chain/rpc";
import { UserError } from "../errors.ts";
import { rpcWhitelist } from "../rpc/access.ts";
import { removeControlFile, writeControlFile } from "../rpc/file.ts";
import { type HostParts, rpcHost } from "../rpc/host.ts";
import { type RpcHttp, type RpcHttpOptions, startRpcHttp } from "../rpc/httpServer.ts";
import type { Service } from "./service.ts";

/** How the RPC of a node can be called. */
export interface RpcConfig extends Omit<RpcHttpOptions, "server" | "log" | "port"> {
  /** Default: one that the system chooses. */
  readonly port?: number;
  /** Takes one that the system chooses where another program has `port`. */
  readonly otherPort?: boolean;
  /** `USER:METHOD,METHOD`, and whether users without a list may call nothing: see {@link rpcWhitelist}. */
  readonly whitelist?: readonly string[];
  readonly whitelistDefault?: boolean;
}

/**
 * Opens the RPC, and says in the control file how to reach it.
 * @throws UserError `usage`, `in-use`, `io`
 */
export async function startRpc(parts: HostParts, config: RpcConfig, log: Log): Promise<Service> {
  const { whitelist = [], whitelistDefault, credentials, ...options } = config;
  const { nodeId, paths, dataDir } = parts.identity;
  const isAllowed = rpcWhitelist(whitelist, whitelistDefault);
  const server = new RpcServer({ host: rpcHost(parts, log), methods: METHODS, isAllowed });
  const named = resolve(dataDir, credentials?.cookieFile ?? paths.cookie);
  // As in Core, a password takes the place of the cookie.
  const cookieFile = credentials?.password ? {} : { cookieFile: named };
  const { cookieFile: _, ...others } = credentials ?? {};
  const door = await open({ ...options, server, log, credentials: { ...others, ...cookieFile } });
  const { port, cookie } = door;
  const stop = async () => {
    try {
      await removeControlFile(paths.control, cookie);
    } finally {
      await door.close();
    }
  };
  try {
    const host = "127.0.0.1";
    await writeControlFile(paths.control, { host, port, cookie, pid: process.pid, nodeId });
  } catch (error) {
    await door.close();
    throw error;
  }
  return { stopping: "closing the RPC", stop };
}

type Opening = Omit<RpcConfig, "whitelist" | "whitelistDefault"> & {
  readonly server: RpcServer;
  readonly log: Log;
};

async function open({ port = 0, otherPort = false, ...options }: Opening): Promise<RpcHttp> {
  try {
    return await startRpcHttp({ ...options, port });
  } catch (error) {
    if (!otherPort || !(error instanceof UserError) || error.code !== "in-use") throw error;
    const door = await startRpcHttp({ ...options, port: 0 });
    const what = `another program has port ${port}, so the RPC is on port ${door.port}`;
    options.log("warn", "net", `${what}; --rpcport chooses one`);
    return door;
  }
}
