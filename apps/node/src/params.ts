import { type Block, type ChainParams, DEVNET, devnet, regtest } from "@chain/core";
import { type AddressParams, decodeAddress } from "@chain/wallet";
import { UserError } from "./errors.ts";
import type { NetworkName } from "./identity.ts";

/** What addresses of a network look like. Known before there is a chain. */
export function addressParams(
  network: NetworkName,
): AddressParams & { readonly defaultPort: number } {
  return network === "regtest" ? regtest : DEVNET;
}

/** The parameters of the chain of this network that begins with this genesis block. */
export function chainParams(network: NetworkName, genesis: Block): ChainParams {
  if (network === "devnet") return devnet(genesis);
  if (genesis.hash === regtest.genesis.hash) return regtest;
  throw new UserError("wrong-chain", `${genesis.hash} is not the genesis block of regtest`);
}

/**
 * The output script of an address that somebody typed.
 * @param flag where it was typed
 * @throws UserError `usage` with the reason.
 */
export function parseAddress(text: string, network: NetworkName, flag: string): Uint8Array {
  const decoded = decodeAddress(text, addressParams(network));
  if (!decoded.ok)
    throw new UserError(
      "usage",
      `${flag} ${JSON.stringify(text.slice(0, 100))}: ${decoded.reason}`,
    );
  return decoded.script;
}
