import type { ChainParams, Milliseconds, Transaction } from "@chain/core";
import {
  requireFields,
  requireOptions,
  requireParams,
  requireTransaction,
} from "@chain/core/arguments";
import type { Connection, ConnectionHandler, Log, PeerAddress } from "@chain/engine";
import { formatPeerAddress } from "@chain/engine";
import {
  createSession,
  type Message,
  MSG_WITNESS_TX,
  netAddress,
  type Session,
  type SessionAction,
  type SessionEvent,
  sanitizeText,
  UNSPECIFIED_ADDRESS,
  WTXID_RELAY_VERSION,
} from "@chain/wire";
import { messageOf, UserError } from "./errors.ts";
import { silentLog } from "./ports/silentLog.ts";
import { systemClock, systemRandom } from "./ports/system.ts";
import { tcpDialer } from "./ports/tcp.ts";
import { userAgent } from "./version.ts";

/** Longest wait for the fate of a payment. Milliseconds. */
const TIMEOUT: Milliseconds = 20_000;

export interface HandInOptions {
  /** The node that gets it. */
  readonly address: PeerAddress;
  readonly params: ChainParams;
  readonly transaction: Transaction;
  /** Milliseconds for everything. Default 20,000. */
  readonly timeoutMs?: number;
  readonly log?: Log;
}

/** The outcome for a transaction that was handed in. */
export type HandInResult =
  | { readonly accepted: true; readonly peerAgent: string }
  | { readonly accepted: false; readonly reason: string };

/**
 * Hands a transaction to a node as an ordinary peer does, and finds out what became of it: sends `tx`, then asks for
 * it by `getdata`. A node handles the messages of a peer in order, so `tx` in answer means that it is in the mempool,
 * and `notfound` that it is not; `reject` may have said why (BIP-0061).
 * @throws UserError `unreachable` where no node of this chain answers: nothing was sent. `uncertain` where one did, got
 *   the transaction and did not say what became of it: keep it, it may be in a block soon.
 * @example
 * const { nodeId, network } = identity;
 * const params = devnet(genesis);
 * const handed = handIn({ address: { host: "127.0.0.1", port: nodeId }, params, transaction, timeoutMs: 1_000 });
 * await handed.catch(({ code }) => code) // "unreachable": the node does not run
 */
export function handIn(options: HandInOptions): Promise<HandInResult> {
  requireOptions(options, "options", {
    address: "object",
    params: "object",
    transaction: "object",
    timeoutMs: "number?",
    log: "function?",
  });
  requireFields(options.address, "address", { host: "string", port: "number" });
  requireParams(options.params, "params");
  requireTransaction(options.transaction, "transaction");

  return new Promise((resolve, reject) => {
    const call = new HandIn(options, resolve, reject);
    tcpDialer()
      .dial(options.address, (connection) => call.attach(connection))
      .catch((error: unknown) => call.noConnection(messageOf(error)));
  });
}

class HandIn {
  readonly #options: HandInOptions;
  readonly #resolve: (result: HandInResult) => void;
  readonly #reject: (error: UserError) => void;
  readonly #session: Session;
  readonly #timer: NodeJS.Timeout;
  #connection: Connection | undefined;
  /** The reason that the peer's `reject` named. */
  #reason: string | undefined;
  #sent = false;
  #done = false;

  constructor(
    options: HandInOptions,
    resolve: (result: HandInResult) => void,
    reject: (error: UserError) => void,
  ) {
    const { host, port } = options.address;
    const nonce = randomNonce();
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#session = createSession({
      direction: "outbound",
      magic: options.params.magic,
      nonce,
      isOwnNonce: (other) => other === nonce,
      randomNonce,
      services: 0n,
      userAgent: userAgent(),
      startHeight: () => 0,
      // The last that is told why something is refused (BIP-0061).
      protocolVersion: WTXID_RELAY_VERSION - 1,
      // We come with a transaction, and want to hear of no others.
      relay: false,
      receiver: netAddress(host, port),
      sender: UNSPECIFIED_ADDRESS,
    });
    const timeout = options.timeoutMs ?? TIMEOUT;
    this.#timer = setTimeout(
      () => this.#fail(`no answer from ${this.#name} within ${timeout / 1000} s`),
      timeout,
    );
  }

  attach(connection: Connection): ConnectionHandler {
    this.#connection = connection;
    if (this.#done) connection.close();
    else this.#feed({ type: "opened" });
    return {
      onData: (bytes) => this.#feed({ type: "data", bytes }),
      onDrain: () => {},
      onClose: (why) => this.#closed(why),
    };
  }

  noConnection(why: string): void {
    this.#fail(`no connection to ${this.#name} (${why})`);
  }

  get #name(): string {
    return formatPeerAddress(this.#options.address);
  }

  #feed(event: SessionEvent): void {
    for (const action of this.#session.handle(event, systemClock.now())) {
      if (this.#done) return;
      this.#perform(action);
    }
  }

  #perform(action: SessionAction): void {
    const { log = silentLog, transaction } = this.#options;
    switch (action.type) {
      case "write":
        this.#connection?.write(action.bytes);
        return;
      case "note":
        log(action.level, "net", `${this.#name}: ${action.text}`);
        return;
      case "established":
        log(
          "info",
          "net",
          `handing ${transaction.txid} to ${this.#name} (${action.peer.userAgent})`,
        );
        this.#sent = true;
        this.#feed({ type: "send", message: { command: "tx", transaction } });
        this.#feed({
          type: "send",
          message: {
            command: "getdata",
            items: [{ type: MSG_WITNESS_TX, hash: transaction.txid }],
          },
        });
        return;
      case "deliver":
        this.#take(action.message);
        return;
      case "unread": // comes only where it was asked for
        return;
      case "close":
        this.#closed(action.reason);
        return;
      default:
        action satisfies never;
    }
  }

  #take(message: Message): void {
    const { txid } = this.#options.transaction;
    switch (message.command) {
      case "reject":
        if (message.hash === txid) this.#reason = sanitizeText(message.reason);
        return;
      case "tx":
        if (message.transaction.txid !== txid) return;
        this.#finish(() =>
          this.#resolve({ accepted: true, peerAgent: this.#session.peer?.userAgent ?? "" }),
        );
        return;
      case "notfound":
        if (!message.items.some(({ hash }) => hash === txid)) return;
        this.#refused(this.#reason ?? "refused, without a reason");
        return;
      default:
    }
  }

  #refused(reason: string): void {
    this.#finish(() => this.#resolve({ accepted: false, reason }));
  }

  #closed(why: string): void {
    // A transaction that breaks a rule of the chain is answered by `reject`, and its sender is told nothing more.
    if (this.#reason !== undefined) this.#refused(this.#reason);
    else this.#fail(`${this.#name} ended the connection (${why})`);
  }

  #fail(what: string): void {
    const [code, hint] = this.#sent
      ? (["uncertain", "whether it has taken the transaction is not known"] as const)
      : (["unreachable", "nothing was sent; is a node of this chain there?"] as const);
    this.#finish(() => this.#reject(new UserError(code, `${what}: ${hint}`)));
  }

  #finish(act: () => void): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#timer);
    this.#connection?.close();
    act();
  }
}

/** Not 0, which some take for "none". */
function randomNonce(): bigint {
  const bytes = systemRandom.bytes(8);
  return new DataView(bytes.buffer).getBigUint64(0, true) || 1n;
}
