import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requirePath } from "@chain/core/arguments";
import { ClassicLevel } from "classic-level";
import { StorageError } from "../errors.ts";
import { ownerOf } from "./owner.ts";
import { GUARD_DIRECTORY, GUARD_LOCK } from "./schema.ts";

/** Keeps every other process out of a store's directory until it is released. */
export interface Guard {
  release(): Promise<void>;
}

/**
 * Takes the lock of a store's directory. It is LevelDB's lock on a database of its own that holds nothing: the system
 * ends it with its process, and the files of the index can be verified, replaced or made again while it is held. With
 * the lock of the index alone, its files would change while they are verified, and be taken for damaged.
 * @param directory that exists
 * @throws StorageError `in-use`, `io`.
 * @example
 * import { mkdir } from "node:fs/promises";
 * await mkdir(path);
 * const guard = await takeGuard(path);
 * await takeGuard(path).catch(({ code }) => code) // "in-use"
 * await guard.release();
 */
export async function takeGuard(directory: string): Promise<Guard> {
  requirePath(directory, "directory");

  const path = join(directory, GUARD_DIRECTORY);
  const first = await tryOpen(path);
  if (first.db !== undefined) return { release: () => first.db.close() };
  if (isLocked(first.error)) throw inUse(directory, first.error);
  // It holds nothing, so damage of it is cured by making it again; the lock file itself stays, because two processes
  // may be at this point.
  for (const name of namesIn(path)) if (name !== GUARD_LOCK) remove(join(path, name));
  const second = await tryOpen(path);
  if (second.db !== undefined) return { release: () => second.db.close() };
  if (isLocked(second.error)) throw inUse(directory, second.error);
  throw new StorageError("io", `can't lock ${directory}: ${causeOf(second.error)?.message}`, {
    cause: second.error,
  });
}

type Attempt =
  | { readonly db: ClassicLevel; readonly error?: undefined }
  | { readonly db?: undefined; readonly error: unknown };

async function tryOpen(path: string): Promise<Attempt> {
  const db = new ClassicLevel(path);
  try {
    await db.open();
    return { db };
  } catch (error) {
    return { error };
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Where that is not allowed, the next attempt says so in words. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {}
}

function inUse(directory: string, cause: unknown): StorageError {
  const owner = ownerOf(directory);
  const holder = owner === undefined ? "another process" : `process ${owner}`;
  return new StorageError("in-use", `${directory} is in use by ${holder}`, { cause });
}

/** LevelDB's own error, which its binding wraps. */
export function causeOf(
  error: unknown,
): { readonly code?: string; readonly message?: string } | undefined {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause ?? (error as { code?: string; message?: string });
}

/** Whether another process holds a lock of LevelDB. */
export function isLocked(error: unknown): boolean {
  return causeOf(error)?.code === "LEVEL_LOCKED";
}
