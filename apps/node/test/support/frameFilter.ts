import { Transform, type TransformCallback } from "node:stream";
import { type Command, Deframer, frameRaw } from "@chain/wire";

/** Replaces the payload of a message, or takes the message away. */
export type Tamper = (command: Command, payload: Uint8Array) => Uint8Array | undefined;

/** Bytes of a connection in, bytes of a connection out, with what somebody in the middle does to the messages. */
export class FrameFilter extends Transform {
  readonly #magic: Uint8Array;
  readonly #tamper: Tamper;
  readonly #deframer: Deframer;

  constructor(magic: Uint8Array, tamper: Tamper) {
    super();
    this.#magic = magic;
    this.#tamper = tamper;
    this.#deframer = new Deframer(magic);
  }

  override _transform(chunk: Uint8Array, _encoding: string, done: TransformCallback): void {
    for (const event of this.#deframer.push(chunk)) {
      if (event.type !== "message") continue;
      const payload = this.#tamper(event.command, event.payload);
      if (payload !== undefined) this.push(frameRaw(this.#magic, event.command, payload));
    }
    done();
  }
}
