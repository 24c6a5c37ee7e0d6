import manifest from "../package.json" with { type: "json" };
import { UserError } from "./errors.ts";

/** The name of the software in user agents. */
const SOFTWARE = "chain-node";

/** Bytes. Core: MAX_SUBVERSION_LENGTH. */
const MAX_USER_AGENT = 256;

/**
 * Our name and version for peers, with the name of the node as a comment (BIP-0014).
 * @throws UserError `usage` where the comments are too long
 */
export function userAgent(nodeId?: number, comments: readonly string[] = []): string {
  const all = nodeId === undefined ? comments : [...comments, String(nodeId)];
  const comment = all.length === 0 ? "" : `(${all.join("; ")})`;
  const agent = `/${SOFTWARE}:${manifest.version}${comment}/`;
  if (agent.length <= MAX_USER_AGENT) return agent;
  const most = `${agent.length} bytes, and ${MAX_USER_AGENT} are allowed`;
  throw new UserError("usage", `the user agent has ${most}: fewer or shorter comments`);
}

/** The name that a node gives itself in its user agent. */
export function nodeIdIn(agent: string): string | undefined {
  return /[( ](\d{1,5})\)\/$/.exec(agent)?.[1];
}
