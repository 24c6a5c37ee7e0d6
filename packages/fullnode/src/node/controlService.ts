import type { Log } from "@chain/engine";
import type { ControlContext } from "../control/context.ts";
import { removeControlFile, writeControlFile } from "../control/file.ts";
import { startControlServer } from "../control/server.ts";
import type { Service } from "./service.ts";

/**
 * Opens the control connection, and says in the control file how to reach it.
 * @throws UserError `io`.
 */
export async function startControl(context: ControlContext, log: Log): Promise<Service> {
  const server = await startControlServer(context, log);
  const { host, port, cookie } = server;
  const { nodeId, paths } = context.identity;
  const stop = async () => {
    try {
      await removeControlFile(paths.control, cookie);
    } finally {
      await server.close();
    }
  };
  try {
    await writeControlFile(paths.control, { host, port, cookie, pid: process.pid, nodeId });
  } catch (error) {
    await server.close();
    throw error;
  }
  return { stopping: "closing the control connection", stop };
}
