import {
  type ControlClient,
  DEFAULT_NETWORK,
  type Identity,
  openControl,
  UserError,
} from "@chain/fullnode";

/** The RPC of a node that must be running. @throws UserError `no-node`. */
export async function needControl(identity: Identity): Promise<ControlClient> {
  const control = await openControl(identity.paths);
  if (control !== undefined) return control;
  const { nodeId, network } = identity;
  const where = network.name === DEFAULT_NETWORK ? "" : ` --network ${network.name}`;
  const hint = `start it with NODE_ID=${nodeId} chain-node startnode${where}`;
  throw new UserError("no-node", `node ${nodeId} does not run: ${hint}`);
}
