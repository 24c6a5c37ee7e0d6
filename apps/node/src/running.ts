import { type ControlClient, type Identity, openControl, UserError } from "@chain/fullnode";

/** The control connection of a node that must be running. @throws UserError `no-node`. */
export async function needControl(identity: Identity): Promise<ControlClient> {
  const control = await openControl(identity.paths);
  if (control !== undefined) return control;
  const { nodeId } = identity;
  const hint = `start it with NODE_ID=${nodeId} chain-node startnode`;
  throw new UserError("no-node", `node ${nodeId} does not run: ${hint}`);
}
