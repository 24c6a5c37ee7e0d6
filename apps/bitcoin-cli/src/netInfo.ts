/** `-netinfo`: the connections of a node as a table. Core: NetinfoRequestHandler. */
import type { Seconds } from "@chain/core";
import type { Json } from "@chain/rpc";
import { CliError } from "./error.ts";
import { INNER_NETWORKS, PEER_NETWORKS, serviceLetters } from "./peerNames.ts";
import { peerTable } from "./peerTable.ts";
import { field, fieldText, listOf } from "./print.ts";

export const NET_INFO_METHODS = ["getpeerinfo", "getnetworkinfo"] as const;

const MAX_LEVEL = 4;

export const NET_INFO_HELP = `-netinfo (level [outonly]) | help

Returns the connections of the node, for people: its form may change.

level    0  counts of peers by network, and the local addresses (default)
         1  the same below a list of the peers
         2  with an address of each
         3  with a version of each
         4  with both
outonly  (or o) only peers that the node has called; with a level from 1 on
`;

/** The level of detail, and the connections that are asked for. */
export interface NetInfoWish {
  readonly level: number;
  readonly isOutOnly: boolean;
}

/** @throws CliError for words that are none of it */
export function netInfoWish([level, outOnly]: readonly string[]): NetInfoWish {
  if (level === undefined) return { level: 0, isOutOnly: false };
  const advice = "For more information, run: bitcoin-cli -netinfo help";
  const number = /^\d{1,3}$/.test(level) ? Number(level) : 256;
  if (number > 255) {
    throw new CliError(`invalid -netinfo level argument: ${level}\n${advice}`);
  }
  const isOutOnly = outOnly === "o" || outOnly === "outonly";
  const isWrong = outOnly !== undefined && (number === 0 || !isOutOnly);
  if (isWrong) {
    const only = "The outonly argument is only valid for a level greater than 0";
    const why = number > 0 ? advice : `${only} (the first argument). ${advice}`;
    throw new CliError(`invalid -netinfo outonly argument: ${outOnly}\n${why}`);
  }
  return { level: Math.min(number, MAX_LEVEL), isOutOnly };
}

/**
 * @param head the beginning of the first line: this program and the network
 */
export function netInfoPage(
  peers: Json,
  network: Json,
  { level, isOutOnly }: NetInfoWish,
  head: string,
  now: Seconds,
): string {
  const all = listOf(peers).filter((peer) =>
    Object.hasOwn(PEER_NETWORKS, fieldText(peer, "network")),
  );
  const shown = isOutOnly ? all.filter((peer) => !isInbound(peer)) : all;
  const services = listOf(field(network, "localservicesnames"));
  const server = `server ${fieldText(network, "protocolversion")}${fieldText(network, "subversion")}`;
  const details = level > 0 ? ` - services ${serviceLetters(services)}` : "";
  const list = level > 0 && shown.length > 0 ? peerTable(shown, level, now) : "";
  const names = services.map((name) => String(name).toLowerCase().replaceAll("_", " ")).join(", ");
  return [
    `${head} - ${server}${details}\n\n`,
    list,
    countTable(all, listOf(field(network, "networks"))),
    level > 0 ? "" : `\n\nLocal services: ${names}`,
    `\n\nLocal addresses${localAddresses(listOf(field(network, "localaddresses")))}`,
  ].join("");
}

function isInbound(peer: Json): boolean {
  return field(peer, "inbound") === true;
}

/** Peers by direction and network. */
function countTable(peers: readonly Json[], networks: readonly Json[]): string {
  const reachable = networks
    .filter((network) => field(network, "reachable") === true)
    .map((network) => fieldText(network, "name"))
    .filter((name) => Object.hasOwn(PEER_NETWORKS, name));
  const isOf = (name: string) => (peer: Json) => fieldText(peer, "network") === name;
  const inner = INNER_NETWORKS.filter((name) => peers.some(isOf(name)));
  const columns = [...reachable, ...inner];
  const manual = peers.filter((peer) => fieldText(peer, "connection_type") === "manual").length;
  const blocks = peers.filter(
    (peer) => fieldText(peer, "connection_type") === "block-relay-only",
  ).length;
  const row = (name: string, those: readonly Json[], rest: string) => {
    const cells = columns.map((column) => number(those.filter(isOf(column)).length, 8)).join("");
    return `\n${name.padEnd(5)}${cells}   ${number(those.length, 5)}${rest}`;
  };
  const titles = [
    ...reachable.map((name) => name.padStart(8)),
    ...inner.map((name) => (PEER_NETWORKS[name] ?? name).padStart(8)),
  ];
  const extra = manual > 0 ? `   ${number(manual, 5)}` : "";
  return [
    `     ${titles.join("")}   total   block${manual > 0 ? "  manual" : ""}`,
    row("in", peers.filter(isInbound), ""),
    row(
      "out",
      peers.filter((peer) => !isInbound(peer)),
      `   ${number(blocks, 5)}${extra}`,
    ),
    row("total", peers, ""),
  ].join("");
}

function number(value: number, width: number): string {
  return String(value).padStart(width);
}

function localAddresses(addresses: readonly Json[]): string {
  if (addresses.length === 0) return ": n/a\n";
  const width = Math.max(...addresses.map((each) => fieldText(each, "address").length + 1));
  return addresses
    .map((each) => {
      const port = fieldText(each, "port").padStart(6);
      const score = fieldText(each, "score").padStart(6);
      return `\n${fieldText(each, "address").padEnd(width)}    port ${port}    score ${score}`;
    })
    .join("");
}
