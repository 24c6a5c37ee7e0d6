import { open } from "node:fs/promises";
import { platform } from "node:process";

/** Waits until the disk knows the names in a directory. Windows can't be asked for that, and does it by itself. */
export async function syncDirectory(path: string): Promise<void> {
  if (platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
