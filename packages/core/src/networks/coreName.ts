import { requireBytes } from "../arguments.ts";
import { equalBytes } from "../bytes.ts";
import { mainnet, regtest, signet, testnet4 } from "./bitcoin.ts";

/** That of testnet3, which is not among our networks. */
const TESTNET3 = /* @__PURE__ */ Uint8Array.of(0x0b, 0x11, 0x09, 0x07);

/**
 * Core's name of the network with a magic; `undefined` where it is none of Bitcoin's. Core: GetNetworkForMagic.
 * @example coreNetworkName(regtest.magic) // "regtest"
 */
export function coreNetworkName(magic: Uint8Array): string | undefined {
  requireBytes(magic, "magic");

  const names: readonly (readonly [Uint8Array, string])[] = [
    [mainnet.magic, "main"],
    [TESTNET3, "test"],
    [testnet4.magic, "testnet4"],
    [signet.magic, "signet"],
    [regtest.magic, "regtest"],
  ];
  return names.find(([each]) => equalBytes(each, magic))?.[1];
}
