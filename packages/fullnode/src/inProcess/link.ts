/** A connection between two nodes of one process, without a port: what one end writes, the other gets soon after. */
import type { Connection, ConnectionHandler, PeerAddress } from "@chain/engine";

/** Bytes on their way from which a writer is asked to hold back. */
const HIGH_WATER = 1024 * 1024;

class LinkEnd implements Connection {
  readonly remote: PeerAddress;
  readonly local: PeerAddress;
  /** The other end, and the handler of this one: set before the first byte. */
  peer!: LinkEnd;
  handler!: ConnectionHandler;
  readonly #arrived: Uint8Array[] = [];
  #reading = true;
  #closed = false;
  /** Written here and not yet taken there. Bytes. */
  #underWay = 0;

  constructor(local: PeerAddress, remote: PeerAddress) {
    this.local = local;
    this.remote = remote;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    this.#underWay += bytes.length;
    const { peer } = this;
    peer.#arrived.push(bytes);
    setImmediate(() => peer.#read());
    return this.#underWay < HIGH_WATER;
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) setImmediate(() => this.#read());
  }

  close(): void {
    this.#end("closed by us");
  }

  #read(): void {
    while (this.#reading && !this.#closed) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) break;
      this.handler.onData(bytes);
      this.peer.#taken(bytes.length);
    }
    // Bytes that were written before the end are read before it.
    if (this.peer.#closed && this.#arrived.length === 0)
      this.#end("the peer closed the connection");
  }

  #taken(count: number): void {
    const wasFull = this.#underWay >= HIGH_WATER;
    this.#underWay -= count;
    if (!wasFull || this.#underWay >= HIGH_WATER) return;
    setImmediate(() => {
      if (!this.#closed) this.handler.onDrain();
    });
  }

  #end(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#arrived.length = 0;
    setImmediate(() => {
      this.handler.onClose(why);
      this.peer.#endAfterPeer();
    });
  }

  /** A node that reads nothing more, because it is busy or stuck, learns of the end all the same. */
  #endAfterPeer(): void {
    if (this.#reading) this.#read();
    else this.#end("the peer closed the connection");
  }
}

type Attach = (connection: Connection) => ConnectionHandler;

/** Connects two nodes of this process. Each is told of the other by the address that it has here. */
export function link(
  caller: { readonly address: PeerAddress; readonly attach: Attach },
  called: { readonly address: PeerAddress; readonly attach: Attach },
): void {
  const near = new LinkEnd(caller.address, called.address);
  const far = new LinkEnd(called.address, caller.address);
  near.peer = far;
  far.peer = near;
  far.handler = called.attach(far);
  near.handler = caller.attach(near);
}
