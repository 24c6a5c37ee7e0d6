import type { SessionTraffic, Traffic } from "./types.ts";

/** Where frames without a known command are counted. Core: NET_MESSAGE_TYPE_OTHER. */
export const OTHER_TRAFFIC = "*other*";

/** Counts frames by command, both ways. */
export class TrafficCounter implements SessionTraffic {
  readonly received: Map<string, Traffic> = new Map();
  readonly sent: Map<string, Traffic> = new Map();

  countReceived(command: string, bytes: number): void {
    count(this.received, command, bytes);
  }

  countSent(command: string, bytes: number): void {
    count(this.sent, command, bytes);
  }
}

function count(table: Map<string, Traffic>, command: string, bytes: number): void {
  const before = table.get(command) ?? { messages: 0, bytes: 0 };
  table.set(command, { messages: before.messages + 1, bytes: before.bytes + bytes });
}
