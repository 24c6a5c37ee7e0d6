import manifest from "../package.json" with { type: "json" };

export const VERSION: string = manifest.version;

/** What peers are told that we are (BIP-0014). */
export const USER_AGENT: string = `/${manifest.name}:${manifest.version}/`;
