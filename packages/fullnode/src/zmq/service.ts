import type { ChainManager, Log } from "@chain/engine";
import { messageOf } from "../errors.ts";
import type { NodeConfig } from "../node/config.ts";
import type { Service } from "../node/service.ts";
import { parseZmqAddress } from "./address.ts";
import { publishEvents, ZMQ_TOPICS, type ZmqTopic } from "./notifier.ts";
import { openPublisher, type Publisher } from "./publisher.ts";

/** Messages that are kept for a slow subscriber. Core: DEFAULT_ZMQ_SNDHWM. */
const DEFAULT_HIGH_WATER_MARK = 1000;

/** One topic at one address. */
export interface ZmqPublication {
  readonly topic: ZmqTopic;
  /** `tcp://IP:PORT` or `ipc://PATH`; several topics may share it. */
  readonly address: string;
  /** Messages to keep for a subscriber that is too slow, before others are dropped. Default 1000. 0: no bound. */
  readonly highWaterMark?: number;
}

/** The publications that a node is told of. */
export function publicationsOf({
  zmq = {},
  zmqHighWaterMarks: marks = {},
}: Pick<NodeConfig, "zmq" | "zmqHighWaterMarks">): readonly ZmqPublication[] {
  return ZMQ_TOPICS.flatMap((topic) => {
    const highWaterMark = marks[topic] ?? DEFAULT_HIGH_WATER_MARK;
    return (zmq[topic] ?? []).map((address) => ({ topic, address, highWaterMark }));
  });
}

/** As `getzmqnotifications` tells of it. */
export interface ZmqNotification {
  readonly type: string;
  readonly address: string;
  readonly hwm: number;
}

export interface ZmqService extends Service {
  readonly notifications: readonly ZmqNotification[];
  /** Port of an address, as the system has chosen it where that was left to it. */
  readonly portOf: (address: string) => number | undefined;
}

/**
 * Publishes by ZeroMQ. An address that can't be listened on costs its topics alone: as with Core, the node starts, and
 * the log says what is wrong.
 */
export async function startZmq(
  chain: ChainManager,
  publications: readonly ZmqPublication[],
  log: Log,
): Promise<ZmqService> {
  const publishers = new Map<string, Publisher>();
  const failed = new Set<string>();
  for (const { address, highWaterMark = DEFAULT_HIGH_WATER_MARK } of publications) {
    if (publishers.has(address) || failed.has(address)) continue;
    try {
      const publisher = await openPublisher(parseZmqAddress(address), highWaterMark, log);
      publishers.set(address, publisher);
    } catch (error) {
      failed.add(address);
      log("error", "net", `ZMQ publisher at ${address}: ${messageOf(error)}`);
    }
  }
  const working = publications.flatMap(({ topic, address, highWaterMark }) => {
    const publisher = publishers.get(address);
    if (publisher === undefined) return [];
    const hwm = highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
    return [{ topic, address, hwm, send: publisher.send }];
  });
  const unsubscribe = working.length === 0 ? () => {} : publishEvents(chain, working);
  const byType = (a: ZmqNotification, b: ZmqNotification) => (a.type < b.type ? -1 : 1);
  return {
    notifications: working
      .map(({ topic, address, hwm }) => ({ type: `pub${topic}`, address, hwm }))
      .sort(byType),
    portOf: (address) => publishers.get(address)?.port,
    stopping: "closing the ZMQ publishers",
    stop: async () => {
      unsubscribe();
      for (const publisher of publishers.values()) await publisher.close();
    },
  };
}
