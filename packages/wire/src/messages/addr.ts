import type { Seconds } from "@chain/core";
import type { NetAddress } from "../address.ts";
import { MAX_ADDRESSES } from "../protocol.ts";
import { LIST_PAYLOAD, type MessageCodec, readList, writeList } from "./codec.ts";
import { NET_ADDRESS_SIZE, readNetAddress, writeNetAddress } from "./netAddress.ts";

/** A node's address, and when it was last heard of. */
export interface TimedAddress extends NetAddress {
  /** Seconds since 1970. */
  readonly time: Seconds;
}

/** Addresses of nodes. */
export interface AddrMessage {
  readonly command: "addr";
  readonly addresses: readonly TimedAddress[];
}

export const addrCodec: MessageCodec<AddrMessage> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): AddrMessage {
    const addresses = readList(
      reader,
      MAX_ADDRESSES,
      4 + NET_ADDRESS_SIZE,
      (count) => `addr message size = ${count}`,
      (): TimedAddress => ({ time: reader.u32(), ...readNetAddress(reader) }),
    );
    return { command: "addr", addresses };
  },
  encode(writer, { addresses }): void {
    writeList(writer, addresses, MAX_ADDRESSES, (address) => {
      writer.u32(address.time);
      writeNetAddress(writer, address);
    });
  },
};
