import { resolve } from "node:path";
import type { Log } from "@chain/engine";
import {
  type HeaderHost,
  type Json,
  LIGHT_METHODS,
  type LightHost,
  METHODS,
  RestServer,
  type RpcHost,
  RpcServer,
} from "@chain/rpc";
import { UserError } from "../errors.ts";
import { EVENTS_PATH, type EventsService, startEvents } from "../events/route.ts";
import type { Identity } from "../identity.ts";
import type { NodeMetrics } from "../metrics/nodeMetrics.ts";
import { metricsRoute } from "../metrics/route.ts";
import { rpcWhitelist } from "../rpc/access.ts";
import { CONTROL_USER, COOKIE_USER } from "../rpc/credentials.ts";
import { removeControlFile, writeControlFile } from "../rpc/file.ts";
import { type HostParts, rpcHost } from "../rpc/host.ts";
import { type RpcHttp, type RpcHttpOptions, startRpcHttp } from "../rpc/httpServer.ts";
import { restRoute } from "../rpc/restRoute.ts";
import type { HttpRoute, RpcAnswers } from "../rpc/service.ts";
import type { Service } from "./service.ts";

/**
 * How the RPC of a node can be called. The cookie is written to the file of the identity where none is named, and to no
 * file where the name is empty.
 */
export interface RpcConfig extends Omit<RpcHttpOptions, "server" | "log" | "port"> {
  /** Default: one that the system chooses. */
  readonly port?: number;
  /** Takes one that the system chooses where another program has `port`. */
  readonly otherPort?: boolean;
  /** Whether the same port serves Bitcoin Core's REST interface, below `/rest/`. Like the next two, to all callers. */
  readonly rest?: boolean;
  /** Whether it serves server-sent events of the chain and of the mempool, at `/events`. */
  readonly events?: boolean;
  /** Whether it serves values for Prometheus, at `/metrics`. */
  readonly metrics?: boolean;
  /** `getnetworkinfo.version`, which says whose methods they are. Default 310100, Bitcoin Core 31.1. */
  readonly version?: number;
  /** `getnetworkinfo.subversion`. Default: `/Satoshi:31.1.0`, of that version, and then the name for peers. */
  readonly subversion?: string;
  /**
   * Whether peers too are told Core's name before ours, so that they know the node by its `getnetworkinfo.subversion`, as
   * harnesses do with Core. Default: no.
   */
  readonly tellsPeersCore?: boolean;
  /** `USER:METHOD,METHOD`, and whether users without a list may call nothing: see {@link rpcWhitelist}. */
  readonly whitelist?: readonly string[];
  readonly whitelistDefault?: boolean;
}

/** Calls a method of the RPC without HTTP and without credentials. @throws RpcError */
export type CallRpc = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** The RPC of a node that is starting. Its callers are told so by -28, until it has started. */
export interface OpenRpc<Parts = HostParts> extends Service {
  readonly port: number;
  /** Name and password of a caller who may call every method. */
  readonly login: { readonly user: string; readonly password: string };
  /** For the other doors of the node. */
  readonly call: CallRpc;
  /** Sets the node's present occupation, in Core's words. */
  saysOf(warmup: string): void;
  /**
   * From now on calls are answered, and the control file says how to reach the node.
   * @returns a service that can also `tell` the log how to reach it
   * @throws UserError `io`
   */
  start(parts: Parts): Promise<Service & { readonly tell: () => void }>;
}

/**
 * Opens the port, before there is a chain to answer of.
 * @param identity whose files tell other processes how to call; without it, this process alone knows
 * @param hasWallets whether it knows the methods of wallets
 * @throws UserError `usage`, `in-use`, `io`
 */
export async function openRpc(
  identity: Identity | undefined,
  config: RpcConfig,
  log: Log,
  metrics?: NodeMetrics,
  hasWallets = false,
): Promise<OpenRpc> {
  const methods = hasWallets ? METHODS : METHODS.filter(({ category }) => category !== "wallet");
  const server = new RpcServer({
    ...{ methods, isAllowed: allowed(config) },
    ...(metrics !== undefined && { observe: (call) => metrics.called(call) }),
  });
  const further = new Routes(config, server, metrics);
  const door = await openDoor(identity, config, log, { server, further });
  const start = (parts: HostParts) => {
    further.start(parts);
    const { withHost = (host: RpcHost) => host } = parts;
    return door.start(withHost(rpcHost(parts, log)));
  };
  return { ...door, start };
}

/**
 * The same for a node without the chain.
 * @throws UserError `usage`, `in-use`, `io`
 */
export function openLightRpc(
  identity: Identity,
  config: RpcConfig,
  log: Log,
): Promise<OpenRpc<LightHost>> {
  const server = new RpcServer<LightHost>({ methods: LIGHT_METHODS, isAllowed: allowed(config) });
  const further = { routes: config.routes ?? [], stop: async () => {} };
  return openDoor(identity, config, log, { server, further });
}

function allowed({ whitelist = [], whitelistDefault }: RpcConfig): ReturnType<typeof rpcWhitelist> {
  const isListed = rpcWhitelist(whitelist, whitelistDefault);
  return (user, method) => user === CONTROL_USER || isListed(user, method);
}

interface Behind<Host extends HeaderHost> {
  readonly server: RpcServer<Host>;
  /** The other paths of the port. */
  readonly further: Pick<Routes, "routes" | "stop">;
}

async function openDoor<Host extends HeaderHost = RpcHost>(
  identity: Identity | undefined,
  config: RpcConfig,
  log: Log,
  { server, further }: Behind<Host>,
): Promise<OpenRpc<Host>> {
  const { whitelist: _, whitelistDefault: __, credentials, ...options } = config;
  const { cookieFile: named = identity?.paths.cookie ?? "", ...others } = credentials ?? {};
  // As in Core, a password takes the place of the cookie.
  const hasFile = named !== "" && !credentials?.password;
  const cookieFile = hasFile ? { cookieFile: resolve(identity?.dataDir ?? "", named) } : {};
  const { routes } = further;
  const opening = { ...options, server, log, credentials: { ...others, ...cookieFile }, routes };
  const { port, cookie, control, close } = await open(opening);
  let end: Promise<void> | undefined;
  const stopping = "closing the RPC";
  const stopOnce = async () => {
    try {
      if (identity !== undefined) await removeControlFile(identity.paths.control, control);
    } finally {
      await further.stop();
      await close();
    }
  };
  const stop = () => {
    end ??= stopOnce();
    return end;
  };
  const start = async (host: Host) => {
    // It holds a password as well.
    if (identity !== undefined && named !== "") {
      const { nodeId, paths } = identity;
      const at = "127.0.0.1";
      await writeControlFile(paths.control, {
        ...{ host: at, port, cookie: control, pid: process.pid, nodeId },
      });
    }
    server.start(host);
    const tell = () => {
      // Not sooner: where the node can't start, the reason is all that its operator should read.
      if (
        config.otherPort === true &&
        config.port !== undefined &&
        ![0, port].includes(config.port)
      ) {
        const what = `another program has port ${config.port}, so the RPC is on port ${port}`;
        log("warn", "net", `${what}; rpcport chooses one`);
      }
      sayOpen(port, cookieFile.cookieFile, log);
    };
    return { stopping, stop, tell };
  };
  const saysOf = (warmup: string) => {
    server.warmup = warmup;
  };
  const login = { user: COOKIE_USER, password: cookie };
  const call: CallRpc = (method, params) => server.call(method, params as readonly Json[]);
  return { port, login, call, stopping, stop, start, saysOf };
}

/** Tells the operator how to call it. */
function sayOpen(port: number, cookieFile: string | undefined, log: Log): void {
  const login =
    cookieFile === undefined ? "with the user of the options" : `with the cookie in ${cookieFile}`;
  const fields = { event: "rpc", port, ...(cookieFile !== undefined && { cookieFile }) };
  log("info", "net", `the RPC answers on http://127.0.0.1:${port}/, ${login}`, fields);
}

/** The further paths of the port that are asked for. Until the node has started, they are not available. */
class Routes {
  readonly routes: readonly HttpRoute[];
  readonly #config: RpcConfig;
  readonly #metrics: NodeMetrics | undefined;
  #events: EventsService | undefined;
  #unwatch: (() => void) | undefined;

  constructor(config: RpcConfig, server: RpcServer, metrics: NodeMetrics | undefined) {
    this.#config = config;
    this.#metrics = metrics;
    const { routes = [], rest = false, events = false } = config;
    const early = (prefix: string, route: () => HttpRoute | undefined): HttpRoute => ({
      prefix,
      handle: (request, url, response, isOwner) => {
        const { warmup = "" } = server;
        const found = warmup === "" ? route() : undefined;
        if (found !== undefined) return found.handle(request, url, response, isOwner);
        // As Core's REST interface says it.
        const text = `Service temporarily unavailable: ${warmup}`;
        response.writeHead(503, { "content-length": Buffer.byteLength(text) }).end(text);
      },
    });
    const values = metrics && metricsRoute(metrics);
    this.routes = [
      ...routes,
      ...(rest ? [restRoute(new RestServer({ rpc: server }))] : []),
      ...(events ? [early(EVENTS_PATH, () => this.#events?.route)] : []),
      ...(values === undefined ? [] : [early(values.prefix, () => values)]),
    ];
  }

  start({ chain, node }: Pick<HostParts, "chain" | "node">): void {
    this.#unwatch = this.#metrics?.watch(chain, node);
    if (this.#config.events === true) this.#events = startEvents(chain);
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#events?.stop();
  }
}

type Opening = Omit<RpcConfig, "whitelist" | "whitelistDefault"> & {
  readonly server: RpcAnswers;
  readonly log: Log;
};

async function open({ port = 0, otherPort = false, ...options }: Opening): Promise<RpcHttp> {
  try {
    return await startRpcHttp({ ...options, port });
  } catch (error) {
    if (!otherPort || !(error instanceof UserError) || error.code !== "in-use") throw error;
    return startRpcHttp({ ...options, port: 0 });
  }
}
