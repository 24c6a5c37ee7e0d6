import { StorageError, type StorageErrorCode } from "../errors.ts";

/** Codes of classic-level. Any other code is the system's. */
const CODES: { readonly [code: string]: StorageErrorCode } = {
  LEVEL_CORRUPTION: "corrupt",
  LEVEL_DATABASE_NOT_OPEN: "closed",
  LEVEL_ITERATOR_NOT_OPEN: "closed",
};

/** An error of LevelDB or of the file system, as a StorageError. Any other error is a defect and stays as it is. */
export function asStorageError(error: unknown): unknown {
  if (error instanceof StorageError || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^[A-Z]/.test(code) || code.startsWith("ERR_")) return error;
  const kind = CODES[code] ?? "io";
  if (kind === "closed") return closed(error);
  return new StorageError(kind, error.message, { cause: error });
}

export function closed(cause?: unknown): StorageError {
  return new StorageError("closed", "the store is closed", { cause });
}

/** The same, failing with a StorageError. */
export async function translated<Result>(promise: Promise<Result>): Promise<Result> {
  try {
    return await promise;
  } catch (error) {
    throw asStorageError(error);
  }
}
