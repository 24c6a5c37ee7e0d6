import {
  type ControlClient,
  DEFAULT_NETWORK,
  type Identity,
  openControl,
  UserError,
} from "@chain/fullnode";
import type { IdentityFlags } from "@chain/terminal";

/**
 * The RPC of a node that must be running.
 * @param hint the advice for a node that does not run; default: how to start it
 * @throws UserError `no-node`.
 */
export async function needControl(
  identity: Identity,
  flags: IdentityFlags,
  hint: string = `start it with ${startCommand(identity, flags)}`,
): Promise<ControlClient> {
  const control = await openControl(identity.paths);
  if (control !== undefined) return control;
  const { nodeId, dataDir } = identity;
  throw new UserError("no-node", `node ${nodeId} does not run in ${dataDir}: ${hint}`);
}

/** As the command in hand named the node. */
function startCommand({ nodeId, network }: Identity, { datadir }: IdentityFlags): string {
  const where = network.name === DEFAULT_NETWORK ? "" : ` --network ${network.name}`;
  const files = datadir === undefined ? "" : ` --datadir ${datadir}`;
  return `NODE_ID=${nodeId} chain-node startnode${where}${files}`;
}
