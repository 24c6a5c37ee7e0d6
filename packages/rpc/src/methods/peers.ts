/** Peers that methods are told about. */
import type { PeerAddress, PeerSummary } from "@chain/engine";
import { formatIp } from "@chain/wire";
import { readPeerAddress } from "../describe/peerAddress.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";

/** Where a peer is. @throws RpcError -8 */
export function requirePeerAddress(text: string, defaultPort: number, name: string): PeerAddress {
  const address = readPeerAddress(text, defaultPort);
  if (address !== undefined) return address;
  const message = `${name} wants HOST:PORT, as 127.0.0.1:3000, not ${JSON.stringify(text.slice(0, 100))}`;
  throw new RpcError(RPC_INVALID_PARAMETER, message);
}

/** Where it is, by whatever name it was called. */
export function resolved({ netAddress: { ip, port } }: PeerSummary): PeerAddress {
  return { host: formatIp(ip), port };
}
