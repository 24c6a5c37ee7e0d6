import { existsSync } from "node:fs";
import { StorageError } from "@chain/storage";
import { takeGuard } from "@chain/storage/level";
import { UserError } from "../errors.ts";
import type { Identity } from "../identity.ts";
import type { Service } from "./service.ts";

/**
 * Keeps a node of the other kind from running beside this one: a light node and a full one of the same number share the
 * files by which commands find them, and the list of peers. Each takes the lock of the other's directory too, if there
 * is one.
 * @throws UserError `in-use` where such a node runs
 */
export async function keepOut(
  other: "full" | "light",
  { nodeId, paths }: Identity,
): Promise<Service> {
  const directory = other === "full" ? paths.database : paths.light;
  const stopping = `letting a ${other} node start`;
  if (!existsSync(directory)) return { stopping, stop: async () => {} };
  try {
    const guard = await takeGuard(directory);
    return { stopping, stop: () => guard.release() };
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "in-use") throw error;
    const message = `node ${nodeId} runs already, as a ${other} node (${error.message}): stop that first`;
    throw new UserError("in-use", message, { cause: error, data: { service: "database" } });
  }
}
