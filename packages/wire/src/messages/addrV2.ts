import type { Seconds } from "@chain/core";
import { requireFields, requireNumber } from "@chain/core/arguments";
import { isForeignInIpv6, isIpv4, type NetAddress } from "../address.ts";
import { WireError } from "../errors.ts";
import { MAX_ADDRESSES, MAX_ADDRV2_SIZE } from "../protocol.ts";
import { LIST_PAYLOAD, type MessageCodec, readList, writeList } from "./codec.ts";

const IPV4 = 1;
const IPV6 = 2;
const TOR = 4;
const I2P = 5;
const CJDNS = 6;

/** Networks that a node may be on, and the bytes of an address there (BIP-0155). */
const NETWORKS: ReadonlyMap<number, { readonly name: string; readonly size: number }> =
  /* @__PURE__ */ new Map([
    [IPV4, { name: "IPv4", size: 4 }],
    [IPV6, { name: "IPv6", size: 16 }],
    [TOR, { name: "TORv3", size: 32 }],
    [I2P, { name: "I2P", size: 32 }],
    [CJDNS, { name: "CJDNS", size: 16 }],
  ]);

/** A node's address on any network, and when it was last heard of (BIP-0155). */
export interface AddressV2 {
  /** Seconds since 1970. */
  readonly time: Seconds;
  /** Service bits. */
  readonly services: bigint;
  /** 1: IPv4, 2: IPv6, 4: Tor, 5: I2P, 6: CJDNS. Others are to be ignored. */
  readonly network: number;
  readonly address: Uint8Array;
  readonly port: number;
}

/** Addresses of nodes, on any network (BIP-0155). */
export interface AddrV2Message {
  readonly command: "addrv2";
  readonly addresses: readonly AddressV2[];
}

/** Time, services, network, an address of no bytes, port. */
const LEAST_SIZE = 4 + 1 + 1 + 1 + 2;

export const addrV2Codec: MessageCodec<AddrV2Message> = {
  maxPayload: LIST_PAYLOAD,
  decode(reader): AddrV2Message {
    const addresses = readList(
      reader,
      MAX_ADDRESSES,
      LEAST_SIZE,
      (count) => `addrv2 message size = ${count}`,
      (): AddressV2 => {
        const time = reader.u32();
        const services = reader.compactSize64();
        const network = reader.u8();
        const length = reader.compactSize();
        const wrong = whyWrong(network, length);
        if (wrong !== undefined) throw new WireError("malformed", wrong);
        const address = reader.take(length).slice();
        return { time, services, network, address, port: reader.u8() * 256 + reader.u8() };
      },
    );
    return { command: "addrv2", addresses };
  },
  encode(writer, { addresses }): void {
    writeList(writer, addresses, MAX_ADDRESSES, ({ time, services, network, address, port }) => {
      const wrong = whyWrong(network, address.length);
      if (wrong !== undefined) throw new WireError("unencodable", wrong);
      writer.u32(time).compactSize64(services).u8(network).varBytes(address);
      writer.u8(Math.floor(port / 256)).u8(port % 256);
    });
  },
};

/** Why an address can't have this length, in Core's words (CNetAddr::Unserialize); undefined: it can. */
function whyWrong(network: number, length: number): string | undefined {
  if (length > MAX_ADDRV2_SIZE) return `Address too long: ${length} > ${MAX_ADDRV2_SIZE}`;
  const { name, size = length } = NETWORKS.get(network) ?? {};
  if (length === size) return undefined;
  return `BIP155 ${name} address with length ${length} (should be ${size})`;
}

/**
 * The address as `addr` has it, if it is one of the internet.
 * @returns undefined for other networks, and for an address of IPv4, Tor or Core's tables that comes as IPv6 (BIP-0155:
 * to be ignored).
 * @example
 * const told = addressV2(netAddress("127.0.0.1", 18444), 1_800_000_000);
 * internetAddress(told)?.port // 18444
 */
export function internetAddress(target: Omit<AddressV2, "time">): NetAddress | undefined {
  requireFields(target, "target", {
    network: "number",
    address: "bytes",
    services: "bigint",
    port: "number",
  });
  const { network, address, services, port } = target;

  if (network === IPV4) {
    const ip = new Uint8Array(16);
    ip.set([0xff, 0xff], 10);
    ip.set(address, 12);
    return { services, ip, port };
  }
  if (network !== IPV6 || isIpv4(address) || isForeignInIpv6(address)) return undefined;
  return { services, ip: address, port };
}

/**
 * Whether an address is of a network above the internet: Tor, I2P, or CJDNS, whose addresses begin with fc.
 * @example isOverlay({ network: 4, address: new Uint8Array(32) }) // true: Tor
 */
export function isOverlay(target: Pick<AddressV2, "network" | "address">): boolean {
  requireFields(target, "target", { network: "number", address: "bytes" });
  const { network, address } = target;

  return network === TOR || network === I2P || (network === CJDNS && address[0] === 0xfc);
}

/**
 * The other way round: an address of the internet as `addrv2` has it.
 * @example addressV2(netAddress("127.0.0.1", 18444), 1_800_000_000).network // 1: IPv4
 */
export function addressV2(target: NetAddress, time: Seconds): AddressV2 {
  requireFields(target, "target", { services: "bigint", ip: "bytes", port: "number" });
  requireNumber(time, "time");
  const { services, ip, port } = target;

  return isIpv4(ip)
    ? { time, services, network: IPV4, address: ip.slice(12), port }
    : { time, services, network: IPV6, address: ip, port };
}
