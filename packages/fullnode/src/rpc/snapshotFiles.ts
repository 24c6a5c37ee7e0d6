import { existsSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { RpcHost } from "@chain/rpc";
import { syncDirectory } from "../files.ts";

type SnapshotFiles = NonNullable<RpcHost["snapshots"]>;
type Created = Awaited<ReturnType<SnapshotFiles["create"]>>;
type Opened = Awaited<ReturnType<SnapshotFiles["open"]>>;

/** Bytes read at a time. */
const CHUNK = 256 * 1024;

/**
 * Files of snapshots, which callers of the RPC name.
 * @param dataDir where a relative path begins; empty: in the working directory
 */
export function snapshotFiles(dataDir: string): SnapshotFiles {
  const drafts = new Set<string>();
  return {
    create: (path) => create(resolve(dataDir, path), drafts),
    open: (path) => openFile(resolve(dataDir, path)),
    resolve: (path) => resolve(dataDir, path),
  };
}

/**
 * Begins a file beside the one that it is to be, because a half of a snapshot must not look like a whole one.
 * @param drafts those that are being written: nobody else may write to one of them
 */
async function create(path: string, drafts: Set<string>): Promise<Created> {
  if (existsSync(path)) return { type: "exists", path };
  const draft = `${path}.incomplete`;
  if (drafts.has(draft)) return { type: "unwritable", path: draft };
  drafts.add(draft);
  let file: FileHandle;
  try {
    file = await open(draft, "w");
  } catch {
    drafts.delete(draft);
    return { type: "unwritable", path: draft };
  }
  return {
    type: "created",
    path,
    write: async (pieces) => {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.sync();
      await rename(draft, path);
      await syncDirectory(dirname(path));
    },
    close: async () => {
      try {
        await file.close();
        await rm(draft, { force: true });
      } finally {
        drafts.delete(draft);
      }
    },
  };
}

async function openFile(path: string): Promise<Opened> {
  let file: FileHandle;
  try {
    // A directory can be opened, but not read, and to open a pipe waits for somebody who writes to it.
    if (!(await stat(path)).isFile()) return undefined;
    file = await open(path, "r");
  } catch {
    return undefined;
  }
  return { path, bytes: piecesOf(file), close: () => file.close() };
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  while (true) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK), 0, CHUNK);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
