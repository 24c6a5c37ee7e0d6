/** A copy of a wallet in one file: all its records, and a checksum. */
import { constants } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { concatBytes, equalBytes, Reader, sha256, Writer } from "@chain/core";
import type { KeyValueChange, KeyValueStore } from "@chain/storage";
import { replaceFile } from "../files.ts";
import { recordsOf } from "./records.ts";

/** The first bytes of every such file. */
const MAGIC = new TextEncoder().encode("chain-wallet-backup:1\n");
const HASH_SIZE = 32;
/** The name of the file where a directory is named, as in Core. */
const FILE_NAME = "wallet.dat";
/** A wallet of a million transactions has less. */
const MAX_SIZE = 2 ** 31 - 1;

/** @param destination a file, or a directory @throws errors of the system */
export async function writeBackup(records: KeyValueStore, destination: string): Promise<void> {
  const isDirectory = await stat(destination).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const path = isDirectory ? join(destination, FILE_NAME) : destination;
  const writer = new Writer().bytes(MAGIC);
  for await (const { key, value } of recordsOf(records)) writer.varBytes(key).varBytes(value);
  const body = writer.finish();
  await replaceFile(path, [body, sha256(body)]);
}

/**
 * The records of such a file.
 * @returns `undefined` where it is none, or is damaged
 * @throws errors of the system
 */
export async function readBackup(path: string): Promise<readonly KeyValueChange[] | undefined> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  let bytes: Uint8Array;
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > MAX_SIZE) return undefined;
    bytes = await file.readFile();
  } finally {
    await file.close();
  }
  const end = bytes.length - HASH_SIZE;
  if (end < MAGIC.length || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return undefined;
  const body = bytes.subarray(0, end);
  if (!equalBytes(sha256(body), bytes.subarray(end))) return undefined;
  const reader = new Reader(body, MAGIC.length);
  const records: KeyValueChange[] = [];
  while (reader.remaining > 0) {
    const [key, value] = [reader.varBytes(), reader.varBytes()];
    records.push({ key: concatBytes(key), value: concatBytes(value) });
  }
  return records;
}
