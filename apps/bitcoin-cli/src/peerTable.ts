/** The list of peers of `-netinfo`. Core: NetinfoRequestHandler. */
import type { Seconds } from "@chain/core";
import type { Json } from "@chain/rpc";
import { PEER_NETWORKS, serviceLetters } from "./peerNames.ts";
import { field, fieldText, listOf } from "./print.ts";

const TYPES: Readonly<Record<string, string>> = {
  "outbound-full-relay": "full",
  "block-relay-only": "block",
  manual: "manual",
  feeler: "feeler",
  "addr-fetch": "addr",
  "private-broadcast": "priv",
};

interface Column {
  readonly title: string;
  readonly unit?: string;
  readonly isLeft?: boolean;
  readonly cell: (peer: Json) => string;
}

export function peerTable(peers: readonly Json[], level: number, now: Seconds): string {
  const sorted = [...peers].sort(
    (a, b) =>
      Number(field(b, "inbound") === true) - Number(field(a, "inbound") === true) ||
      lowestPing(a) - lowestPing(b),
  );
  const columns = columnsOf(now, level);
  const rows = sorted.map((peer) => columns.map(({ cell }) => cell(peer)));
  const widths = columns.map(({ title, unit = "" }, at) =>
    Math.max(title.length, unit.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return columns[at]?.isLeft === true ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(" ")
      .trimEnd();
  const lines = [
    columns.map(({ title }) => title),
    ...rows,
    columns.map(({ unit = "" }) => unit),
  ].map(line);
  return `${lines.join("\n")}\n\n`;
}

function lowestPing(peer: Json): number {
  const text = fieldText(peer, "minping");
  return text === "" ? -1 : Number(text);
}

function columnsOf(now: Seconds, level: number): readonly Column[] {
  const since = (name: string, unit: number) => (peer: Json) => {
    const time = Number(fieldText(peer, name));
    return time === 0 ? "" : String(Math.floor((now - time) / unit));
  };
  const flag = (name: string, mark: string) => (peer: Json) =>
    field(peer, name) === true ? mark : " ";
  const orMark = (text: string, isMarked: boolean, mark: string) => text || (isMarked ? mark : "");
  const transport = (peer: Json) =>
    /^v(.)$/.exec(fieldText(peer, "transport_protocol_type"))?.[1] ?? "";
  const count = (peer: Json, name: string) => fieldText(peer, name).replace(/^0$/, "");
  const address: Column = { title: "address", isLeft: true, cell: (p) => fieldText(p, "addr") };
  const version: Column = {
    title: "version",
    isLeft: true,
    cell: (p) => `${fieldText(p, "version")}${fieldText(p, "subver")}`.replace(/^0$/, ""),
  };
  return [
    { title: "<->", cell: (p) => (field(p, "inbound") === true ? "in" : "out") },
    { title: "type", cell: (p) => TYPES[fieldText(p, "connection_type")] ?? "" },
    { title: "net", cell: (p) => PEER_NETWORKS[fieldText(p, "network")] ?? "" },
    { title: "serv", cell: (p) => serviceLetters(listOf(field(p, "servicesnames"))) },
    { title: "v", cell: transport },
    { title: "mping", unit: "ms", cell: (p) => milliseconds(fieldText(p, "minping")) },
    { title: "ping", unit: "ms", cell: (p) => milliseconds(fieldText(p, "pingtime")) },
    { title: "send", unit: "sec", cell: since("lastsend", 1) },
    { title: "recv", unit: "sec", cell: since("lastrecv", 1) },
    {
      title: "txn",
      unit: "min",
      cell: (p) => orMark(since("last_transaction", 60)(p), field(p, "relaytxes") === false, "*"),
    },
    { title: "blk", unit: "min", cell: since("last_block", 60) },
    {
      title: "hb",
      cell: (p) => flag("bip152_hb_to", ".")(p) + flag("bip152_hb_from", "*")(p),
    },
    {
      title: "addrp",
      cell: (p) => orMark(count(p, "addr_processed"), field(p, "addr_relay_enabled") !== true, "."),
    },
    { title: "addrl", cell: (p) => count(p, "addr_rate_limited") },
    { title: "age", unit: "min", cell: since("conntime", 60) },
    { title: "id", cell: (p) => fieldText(p, "id") },
    ...(level === 2 || level === 4 ? [address] : []),
    ...(level >= 3 ? [version] : []),
  ];
}

function milliseconds(seconds: string): string {
  if (seconds === "") return "";
  const value = Math.round(Number(seconds) * 1000);
  return value > 999_999 ? "-" : String(value);
}
