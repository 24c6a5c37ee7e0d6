import manifest from "../package.json" with { type: "json" };
import { UserError } from "./errors.ts";

/** The name of the software in user agents. */
const SOFTWARE = "chain-node";

/** The name and the version of the software. */
export const SOFTWARE_VERSION: string = `${SOFTWARE} ${manifest.version}`;
/** 99.99.99. */
const MAX_VERSION = 999_999;

/** Bytes. Core: MAX_SUBVERSION_LENGTH. */
const MAX_USER_AGENT = 256;

/**
 * Our name and version for peers, with the name of the node as a comment (BIP-0014).
 * @param coreVersion as `getnetworkinfo.version`: the version of Core whose name stands before ours; default: none does
 * @throws UserError `usage` where the comments are too long, or the version has not the form of one
 */
export function userAgent(
  nodeId?: number,
  comments: readonly string[] = [],
  coreVersion?: number,
): string {
  const all = nodeId === undefined ? comments : [...comments, String(nodeId)];
  const comment = all.length === 0 ? "" : `(${all.join("; ")})`;
  const base = coreVersion === undefined ? "" : coreName(coreVersion);
  const agent = `${base}/${SOFTWARE}:${manifest.version}${comment}/`;
  if (agent.length <= MAX_USER_AGENT) return agent;
  const most = `${agent.length} bytes, and ${MAX_USER_AGENT} are allowed`;
  throw new UserError("usage", `the user agent has ${most}: fewer or shorter comments`, {
    data: { option: "uacomment", length: agent.length },
  });
}

/** Clients compare it with the versions of Bitcoin Core that they know: the methods are those of 31.1. */
export const CORE_VERSION = 310_100;

/**
 * The version that callers of the RPC are told, as a number and as Core's name before our own: clients of Core read both
 * to know which methods there are, and btcd compares what stands behind `/Satoshi:` as text.
 * @param agent our name for peers; where it begins with Core's, callers are told the same
 * @throws UserError `usage`
 */
export function versionForCallers(
  agent: string,
  {
    version = CORE_VERSION,
    subversion,
  }: { readonly version?: number; readonly subversion?: string },
): { readonly version: number; readonly subversion: string } {
  const core = coreName(version);
  const text = subversion ?? (agent.startsWith(core) ? agent : `${core}${agent}`);
  if (/^\/[ -~]*\/$/.test(text) && text.length <= 2 * MAX_USER_AGENT)
    return { version, subversion: text };
  const form = "/NAME:VERSION/ in printable characters of ASCII";
  throw new UserError(
    "usage",
    `the subversion ${JSON.stringify(text)} does not have the form of ${form}`,
  );
}

/** Core's name with a version, without the slash at its end. */
function coreName(version: number): string {
  if (!Number.isSafeInteger(version) || version < 0 || version > MAX_VERSION) {
    throw new UserError(
      "usage",
      `the version ${version} does not have the form of 310100, which is 31.1.0`,
    );
  }
  const parts = [version / 10_000, (version / 100) % 100, version % 100];
  return `/Satoshi:${parts.map(Math.floor).join(".")}`;
}

/** The name that a node gives itself in its user agent. */
export function nodeIdIn(agent: string): string | undefined {
  return /[( ](\d{1,5})\)\/$/.exec(agent)?.[1];
}
