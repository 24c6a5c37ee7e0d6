import manifest from "../package.json" with { type: "json" };

/** The name of the software in user agents. */
const SOFTWARE = "chain-node";

/** What peers are told that we are, with the name of the node as a comment (BIP-0014). */
export function userAgent(nodeId?: number, comments: readonly string[] = []): string {
  const all = nodeId === undefined ? comments : [...comments, String(nodeId)];
  const comment = all.length === 0 ? "" : `(${all.join("; ")})`;
  return `/${SOFTWARE}:${manifest.version}${comment}/`;
}

/** The name that a node gives itself in its user agent. */
export function nodeIdIn(agent: string): string | undefined {
  return /[( ](\d{1,5})\)\/$/.exec(agent)?.[1];
}
