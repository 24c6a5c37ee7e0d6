/** Addresses of nodes in a file, with the peers that a restart goes back to first. */
import { readFile, stat } from "node:fs/promises";
import { CoreError, Reader, Writer } from "@chain/core";
import { AddressBook, EngineError, type NetAddress, type Random } from "@chain/engine";
import { messageOf, systemCode, UserError } from "../errors.ts";
import { replaceFile } from "../files.ts";

/** More than any address book takes. Bytes. */
const MAX_SIZE = 64 * 1024 * 1024;

export interface SavedPeers {
  readonly book: AddressBook;
  readonly anchors: readonly NetAddress[];
}

/** Replaces the file, whole or not at all. */
export function writePeersFile(path: string, { book, anchors }: SavedPeers): Promise<void> {
  const writer = new Writer().varBytes(book.encode()).compactSize(anchors.length);
  for (const { ip, port, services } of anchors) writer.bytes(ip).u16(port).u64(services);
  return replaceFile(path, [writer.finish()]);
}

/**
 * Reads the file; an empty book where there is none.
 * @throws UserError `damaged`, `io`.
 */
export async function readPeersFile(path: string, random: Random): Promise<SavedPeers> {
  try {
    const { size } = await stat(path);
    if (size > MAX_SIZE) throw new UserError("damaged", `${path} is too long for an address book`);
    const reader = new Reader(new Uint8Array(await readFile(path)));
    const book = AddressBook.decode(reader.varBytes(MAX_SIZE), random);
    const anchors = Array.from({ length: reader.compactSize(100) }, () => ({
      ip: reader.take(16).slice(),
      port: reader.u16(),
      services: reader.u64(),
    }));
    return { book, anchors };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { book: new AddressBook(random), anchors: [] };
    if (error instanceof UserError) throw error;
    const isDamaged = error instanceof CoreError || error instanceof EngineError;
    const message = isDamaged ? `${path}: ${error.message}` : messageOf(error);
    throw new UserError(isDamaged ? "damaged" : "io", message, { cause: error });
  }
}
