/**
 * ZMTP 3.1, the protocol of ZeroMQ (RFC 37), as much of it as a publisher speaks: mechanism NULL, sockets PUB and SUB.
 * Subscribers of ZMTP 3.0 are served too. Bytes only: no sockets.
 */
import { ChainError } from "@chain/core";

/** Longest frame that a subscriber may send: names of topics and properties are short. Bytes. */
const MAX_FRAME = 8_192;
const GREETING_LENGTH = 64;
/** Bytes of the greeting before the mechanism: signature (10) and version (2). */
const MECHANISM_START = 12;
const MECHANISM_LENGTH = 20;

const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** Bytes that no subscriber may send: the connection ends. */
export class ZmtpError extends ChainError<"protocol"> {
  override readonly name = "ZmtpError";

  constructor(message: string) {
    super("protocol", message);
  }
}

export interface Frame {
  readonly isCommand: boolean;
  readonly more: boolean;
  readonly body: Uint8Array;
}

/** The first bytes of a publisher: signature, version 3.1, mechanism NULL, which has no server. */
export function greeting(): Uint8Array {
  const bytes = new Uint8Array(GREETING_LENGTH);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = 3;
  bytes[11] = 1;
  bytes.set(Buffer.from("NULL"), MECHANISM_START);
  return bytes;
}

/** A message of several frames, as it is sent. */
export function message(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((body, i) => [header(i < parts.length - 1 ? MORE : 0, body.length), body]),
  );
}

/** A command, as it is sent. */
export function command(name: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), data]);
  return Buffer.concat([header(COMMAND, body.length), body]);
}

/** The command that ends the handshake. */
export function readyCommand(socketType: string): Uint8Array {
  const name = Buffer.from("Socket-Type");
  const size = Buffer.alloc(4);
  size.writeUInt32BE(socketType.length);
  const property = [Buffer.from([name.length]), name, size, Buffer.from(socketType)];
  return command("READY", Buffer.concat(property));
}

function header(flags: number, length: number): Uint8Array {
  if (length <= 0xff) return Buffer.from([flags, length]);
  const bytes = Buffer.alloc(9);
  bytes[0] = flags | LONG;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

/** Name and data of a command's frame. @throws ZmtpError */
export function readCommand(body: Uint8Array): {
  readonly name: string;
  readonly data: Uint8Array;
} {
  const length = body[0] ?? 0;
  if (length === 0 || body.length < 1 + length) {
    throw new ZmtpError("a command without a name");
  }
  const name = Buffer.from(body.subarray(1, 1 + length)).toString("latin1");
  return { name, data: body.subarray(1 + length) };
}

/** Properties of the command READY, by their names in lower case. @throws ZmtpError */
export function readProperties(data: Uint8Array): ReadonlyMap<string, string> {
  const bytes = Buffer.from(data);
  const properties = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] as number);
    if (nameEnd + 4 > bytes.length) throw new ZmtpError("a property that ends early");
    const end = nameEnd + 4 + bytes.readUInt32BE(nameEnd);
    if (end > bytes.length) throw new ZmtpError("a property that ends early");
    const name = bytes.toString("latin1", at + 1, nameEnd).toLowerCase();
    properties.set(name, bytes.toString("latin1", nameEnd + 4, end));
    at = end;
  }
  return properties;
}

/** Cuts what a subscriber sends: first its greeting, then frames. It holds one frame at most. */
export class ZmtpReader {
  #buffer: Buffer = Buffer.alloc(0);
  #isGreeted = false;

  /** @returns the frames that are complete now @throws ZmtpError */
  push(bytes: Uint8Array): readonly Frame[] {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    if (!this.#isGreeted) {
      checkGreeting(this.#buffer);
      if (this.#buffer.length < GREETING_LENGTH) return [];
      this.#isGreeted = true;
      this.#buffer = this.#buffer.subarray(GREETING_LENGTH);
    }
    const frames: Frame[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) frames.push(next);
    return frames;
  }

  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  #next(): Frame | undefined {
    const flags = this.#buffer[0];
    if (flags === undefined) return undefined;
    if ((flags & ~(MORE | LONG | COMMAND)) !== 0) throw new ZmtpError("reserved bits of a frame");
    const start = (flags & LONG) === 0 ? 2 : 9;
    if (this.#buffer.length < start) return undefined;
    const length =
      (flags & LONG) === 0 ? this.#buffer.readUInt8(1) : Number(this.#buffer.readBigUInt64BE(1));
    if (length > MAX_FRAME) throw new ZmtpError(`a frame of ${length} bytes`);
    if (this.#buffer.length < start + length) return undefined;
    // A copy, so that a short topic does not keep what came with it in memory.
    const body = Uint8Array.from(this.#buffer.subarray(start, start + length));
    this.#buffer = this.#buffer.subarray(start + length);
    return { isCommand: (flags & COMMAND) !== 0, more: (flags & MORE) !== 0, body };
  }
}

/** Judges as much as is there, so that a program of another protocol is recognised at its first byte. */
function checkGreeting(bytes: Uint8Array): void {
  if (bytes.length > 0 && bytes[0] !== 0xff) throw new ZmtpError("no greeting of ZMTP");
  if (bytes.length > 9 && bytes[9] !== 0x7f) throw new ZmtpError("no greeting of ZMTP");
  if (bytes.length > 10 && (bytes[10] as number) < 3) {
    throw new ZmtpError(`version ${bytes[10]} of ZMTP: 3 is needed`);
  }
  const end = MECHANISM_START + MECHANISM_LENGTH;
  if (bytes.length < end) return;
  const [mechanism] = Buffer.from(bytes.subarray(MECHANISM_START, end))
    .toString("latin1")
    .split("\0");
  if (mechanism !== "NULL") throw new ZmtpError(`mechanism ${mechanism}: NULL is needed`);
}
