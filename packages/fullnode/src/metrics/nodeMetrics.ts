/** The values that a node tells Prometheus. */
import type { ChainEvent, ChainManager, Metrics, Node, PeerKind } from "@chain/engine";
import type { EndedCall } from "@chain/rpc";
import type { SessionTraffic } from "@chain/wire";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

const PEER_KINDS: readonly PeerKind[] = [
  "inbound",
  "outbound",
  "manual",
  "block-relay",
  "feeler",
  "addr-fetch",
];
/** Upper ends of classes of how long a call of RPC takes. Seconds. */
const LATENCIES = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** Bytes by command, both ways. */
interface Totals {
  readonly received: Map<string, number>;
  readonly sent: Map<string, number>;
}

/** Counts what the engine and the RPC tell it of; the rest is read when somebody asks. */
export class NodeMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #scripts: Counter;
  readonly #scriptSeconds: Counter;
  readonly #scriptHits: Counter;
  readonly #reorganisations: Counter;
  readonly #disconnected: Counter;
  readonly #calls: Histogram<"method" | "result">;
  /** Of connections that have ended. */
  readonly #ended: Totals = { received: new Map(), sent: new Map() };
  #isReorganised = false;

  constructor() {
    const registers = [this.#registry];
    const counter = (name: string, help: string) => new Counter({ name, help, registers });
    this.#scripts = counter("chain_script_checks_total", "Inputs whose scripts were run");
    this.#scriptSeconds = counter("chain_script_check_seconds_total", "Time that it took");
    const known = "Inputs whose scripts were known to pass";
    this.#scriptHits = counter("chain_script_cache_hits_total", known);
    this.#reorganisations = counter("chain_reorganisations_total", "Changes to another branch");
    this.#disconnected = counter("chain_blocks_disconnected_total", "Blocks taken back by them");
    this.#calls = new Histogram({
      name: "chain_rpc_call_seconds",
      help: "Calls of RPC by method, and how long they took",
      labelNames: ["method", "result"],
      buckets: LATENCIES,
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All values, as Prometheus reads them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  scriptRun(milliseconds: number): void {
    this.#scripts.inc();
    this.#scriptSeconds.inc(milliseconds / 1000);
  }

  scriptKnown(): void {
    this.#scriptHits.inc();
  }

  connectionEnded(traffic: SessionTraffic): void {
    add(this.#ended, traffic);
  }

  /** A call of RPC has ended. */
  called({ method, milliseconds, failed }: EndedCall): void {
    this.#calls.observe({ method, result: failed ? "error" : "ok" }, milliseconds / 1000);
  }

  /** Begins to watch a chain. @returns a function that ends it */
  watch(chain: ChainManager, node: Node): () => void {
    this.#gauges(chain, node);
    return chain.subscribe((event) => this.#take(event));
  }

  #take(event: ChainEvent): void {
    if (event.type === "block-disconnected") {
      this.#isReorganised = true;
      this.#disconnected.inc();
    }
    if (event.type !== "tip-changed") return;
    if (this.#isReorganised) this.#reorganisations.inc();
    this.#isReorganised = false;
  }

  #gauges(chain: ChainManager, node: Node): void {
    const registers = [this.#registry];
    const { mempool } = chain;
    const values: readonly (readonly [string, string, () => number])[] = [
      ["chain_height", "Height of the best chain", () => chain.tip.height],
      ["chain_headers_height", "Height of the best header", () => chain.bestHeader.height],
      ["chain_initial_download", "1 while catching up", () => (chain.initialDownload ? 1 : 0)],
      ["chain_tip_time_seconds", "Time of the last block", () => chain.tip.time],
      ["chain_mempool_transactions", "Unconfirmed transactions", () => mempool.count],
      ["chain_mempool_virtual_bytes", "Their virtual size", () => mempool.virtualSize],
      ["chain_mempool_memory_bytes", "Memory of the mempool", () => mempool.memory],
    ];
    for (const [name, help, read] of values) {
      new Gauge({ name, help, registers, collect: collect((gauge) => gauge.set(read())) });
    }
    new Gauge({
      name: "chain_peers",
      help: "Connections by kind",
      labelNames: ["kind"],
      registers,
      collect: collect((gauge) => {
        const peers = node.peers();
        for (const kind of PEER_KINDS) {
          gauge.set({ kind }, peers.filter((peer) => peer.kind === kind).length);
        }
      }),
    });
    new Counter({
      name: "chain_message_bytes_total",
      help: "Bytes of messages from and to peers, by command",
      labelNames: ["direction", "command"],
      registers,
      collect() {
        this.reset();
        const totals = { received: new Map(ended.received), sent: new Map(ended.sent) };
        for (const { traffic } of node.peers()) add(totals, traffic);
        for (const direction of ["received", "sent"] as const) {
          for (const [command, bytes] of totals[direction]) this.inc({ direction, command }, bytes);
        }
      },
    });
    const ended = this.#ended;
  }
}

/** Prom-client hands the gauge over as `this`. */
function collect(read: (gauge: Gauge) => void): (this: Gauge) => void {
  return function (this: Gauge) {
    read(this);
  };
}

function add(totals: Totals, traffic: SessionTraffic): void {
  for (const direction of ["received", "sent"] as const) {
    for (const [command, { bytes }] of traffic[direction]) {
      totals[direction].set(command, (totals[direction].get(command) ?? 0) + bytes);
    }
  }
}
