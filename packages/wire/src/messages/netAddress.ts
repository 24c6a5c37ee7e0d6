import type { Reader, Writer } from "@chain/core";
import type { NetAddress } from "../address.ts";
import { WireError } from "../errors.ts";

/** 8 bytes of services, 16 of address, and the port: the one number on the wire that is big-endian. */
export const NET_ADDRESS_SIZE = 26;

export function readNetAddress(reader: Reader): NetAddress {
  return {
    services: reader.u64(),
    ip: reader.take(16).slice(),
    port: reader.u8() * 256 + reader.u8(),
  };
}

export function writeNetAddress(writer: Writer, { services, ip, port }: NetAddress): void {
  if (ip.length !== 16) throw new WireError("unencodable", `an address of ${ip.length} bytes`);
  writer
    .u64(services)
    .bytes(ip)
    .u8(Math.floor(port / 256))
    .u8(port % 256);
}
