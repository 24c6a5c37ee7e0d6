import { requireFields, requireFunction, requireOptions } from "@chain/core/arguments";
import type { Connection, ConnectionHandler, Log } from "@chain/engine";
import { ChainLookup } from "@chain/indexes";
import type { Limits } from "./call.ts";
import { HeaderProofs } from "./headerProofs.ts";
import type { ElectrumHost } from "./host.ts";
import { Session } from "./session.ts";
import { WatchedScripts } from "./watched.ts";

export interface ElectrumOptions {
  /** The name of the software and its version. Default: `chain`. */
  readonly software?: string;
  /** The text that clients show when they connect. Default: empty. */
  readonly banner?: string;
  readonly limits?: Partial<Limits>;
  /** Milliseconds on a clock that nobody sets, with fractions: `limits.cost` needs it. */
  readonly stopwatch?: () => number;
  readonly log?: Log;
}

const LIMITS: Limits = /* @__PURE__ */ Object.freeze({
  line: 5_000_000,
  subscriptions: 50_000,
  allSubscriptions: 250_000,
  history: 100_000,
  batch: 1_000,
  answer: 32 * 1024 * 1024,
  cost: Number.POSITIVE_INFINITY,
});

/**
 * Serves the Electrum protocol, versions 1.4 to 1.6, to connections that it is handed: JSON-RPC 2.0, one text a line. It
 * opens no ports.
 * @example
 * const server = new ElectrumServer(host);
 * const { connection, lines } = openConnection();
 * const handler = server.accept(connection);
 * handler.onData(new TextEncoder().encode('{"id":1,"method":"server.version","params":["me","1.6"]}\n'));
 * JSON.parse(await lines.next()).result // ["chain", "1.6"]
 * server.close();
 */
export class ElectrumServer {
  readonly #sessions = new Set<Session>();
  readonly #open: (connection: Connection) => Session;
  readonly #unsubscribe: () => void;

  constructor(host: ElectrumHost, options: ElectrumOptions = {}) {
    requireFields(host, "host", { chain: "object", indexes: "object", rpc: "function" });
    requireFunction(host.rpc, "host.rpc");
    requireOptions(options, "options", {
      software: "string?",
      banner: "string?",
      limits: "object?",
      stopwatch: "function?",
      log: "function?",
    });

    const { software = "chain", banner = "", log = () => {}, stopwatch = () => 0 } = options;
    const limits = { ...LIMITS, ...options.limits };
    const lookup = new ChainLookup(host);
    const proofs = new HeaderProofs(host.chain.headers);
    const { allSubscriptions, history } = limits;
    const watched = new WatchedScripts(lookup.scripts, allSubscriptions, history);
    const shared = { host, lookup, proofs, limits, software, banner, watched, log, stopwatch };
    const onEnd = (session: Session) => void this.#sessions.delete(session);
    this.#open = (connection) => new Session({ ...shared, connection, onEnd });
    this.#unsubscribe = host.chain.subscribe(({ type }) => {
      if (type !== "tip-changed") return;
      for (const session of this.#sessions) session.tipChanged();
    });
  }

  /** How many sessions go on. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Serves a connection until it ends. Whole lines are written to it. */
  accept(connection: Connection): ConnectionHandler {
    requireFields(connection, "connection", {
      write: "function",
      setReading: "function",
      close: "function",
    });

    const session = this.#open(connection);
    this.#sessions.add(session);
    return session;
  }

  /** Ends all sessions. */
  close(): void {
    this.#unsubscribe();
    for (const session of [...this.#sessions]) session.end();
  }
}
