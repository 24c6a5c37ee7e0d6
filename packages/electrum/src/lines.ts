const LINE_FEED = 0x0a;

/** Cuts bytes into lines. It holds no more than one line that is not whole. */
export class Lines {
  readonly #most: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  /** @param most bytes of a line */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns the lines that are whole now, without their ends; `undefined` where one is too long */
  push(bytes: Uint8Array): readonly string[] | undefined {
    const lines: string[] = [];
    for (let rest = bytes; rest.length > 0; ) {
      const end = rest.indexOf(LINE_FEED);
      const part = end < 0 ? rest : rest.subarray(0, end);
      this.#length += part.length;
      if (this.#length > this.#most) return undefined;
      // A copy: what arrived may be a view onto much more.
      if (part.length > 0) this.#parts.push(part.slice());
      if (end < 0) break;
      lines.push(this.#take());
      rest = rest.subarray(end + 1);
    }
    return lines;
  }

  #take(): string {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#length = 0;
    return decodeText(whole);
  }
}

/** UTF-8, with the sign for what is none in the place of bytes that are none. */
function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
