import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { UserError } from "../errors.ts";

/** Largest request. Core: MAX_SIZE (serialize.h), the limit of its HTTP server. Bytes. */
export const MAX_REQUEST: number = 32 * 1024 * 1024;
/** The parts of requests that have arrived, all requests together: so many may be long at the same time. Bytes. */
const MAX_BODIES = 4 * MAX_REQUEST;

export interface Body {
  /** Empty where the bytes are no UTF-8: then they are no JSON either, and must not become other characters. */
  readonly text: string;
}

function textOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString("utf8") : "";
}

/** Reads bodies of requests, and keeps count of what is held of those that are still arriving. */
export class Bodies {
  #bytes = 0;

  /** The body, or why it was not read to its end. No more of it is kept than the longest request has. */
  read(request: IncomingMessage): Promise<Body | "too-long" | "busy"> {
    return new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      let kept = 0;
      let done = false;
      const finish = (end: () => void) => {
        if (done) return;
        done = true;
        this.#bytes -= kept;
        end();
      };
      request.on("data", (chunk: Uint8Array) => {
        if (done) return;
        if (kept + chunk.length > MAX_REQUEST) return finish(() => resolve("too-long"));
        if (this.#bytes + chunk.length > MAX_BODIES) return finish(() => resolve("busy"));
        this.#bytes += chunk.length;
        kept += chunk.length;
        chunks.push(chunk);
      });
      request.on("end", () => finish(() => resolve({ text: textOf(Buffer.concat(chunks)) })));
      request.on("error", (error) => finish(() => reject(error)));
      request.on("close", () =>
        finish(() => reject(new UserError("no-node", "the caller has gone"))),
      );
    });
  }
}
