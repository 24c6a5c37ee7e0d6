/** The path `/events` of the HTTP door: server-sent events, as `EventSource` of a browser reads them. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Milliseconds } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import type { Service } from "../node/service.ts";
import type { HttpRoute } from "../rpc/service.ts";
import { EventHistory, type Following } from "./history.ts";

export const EVENTS_PATH = "/events";
/** Readers at a time: so many without credentials, and so many with them. */
const MAX_READERS = 64;
/** A sign of life for readers and for what is between. A reader that takes nothing for so long is cut off. */
const HEARTBEAT: Milliseconds = 15_000;
/** How long a reader waits before it comes back. Milliseconds. */
const RETRY: Milliseconds = 1_000;

export interface EventsService extends Service {
  readonly route: HttpRoute;
}

interface Reader {
  readonly response: ServerResponse;
  readonly address: string;
  /** It had not taken all that was written at the last sign of life. */
  isSlow: boolean;
}

/**
 * Begins to keep events, and serves them. Waiting for a slow reader is a buffer of Node's, 16 kB; a reader that
 * takes nothing, or has fallen behind what is kept, is disconnected, and goes on by the id of its last event.
 * @param options.maxKept events that are kept for readers that are behind or come back
 */
export function startEvents(
  chain: ChainManager,
  { maxKept }: { readonly maxKept?: number } = {},
): EventsService {
  // When it was started: no other run of this node has that.
  const history = new EventHistory(chain, Date.now().toString(36), maxKept);
  const strangers = new Set<Reader>();
  const owners = new Set<Reader>();
  const heartbeat = setInterval(() => {
    for (const reader of [...strangers, ...owners]) beat(reader);
  }, HEARTBEAT).unref();
  const handle: HttpRoute["handle"] = (request, _, response, isOwner) => {
    request.resume();
    if (request.method !== "GET") {
      response.writeHead(405, { allow: "GET", "content-length": 0 }).end();
      return;
    }
    const readers = isOwner ? owners : strangers;
    if (readers.size >= MAX_READERS) makeRoom(readers);
    const reader = { response, address: request.socket.remoteAddress ?? "", isSlow: false };
    readers.add(reader);
    const following = serve(request, response, history);
    response.on("drain", () => {
      reader.isSlow = false;
      following.drained();
    });
    response.once("close", () => {
      following.stop();
      readers.delete(reader);
    });
  };
  return {
    route: { prefix: EVENTS_PATH, handle },
    stopping: "ending the server-sent events",
    stop: async () => {
      clearInterval(heartbeat);
      history.stop();
      for (const { response } of [...strangers, ...owners]) response.destroy();
    },
  };
}

function serve(
  { headers }: IncomingMessage,
  response: ServerResponse,
  history: EventHistory,
): Following {
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    connection: "close",
  });
  response.write(`retry: ${RETRY}\n\n`);
  const lastId = headers["last-event-id"];
  return history.follow(typeof lastId === "string" ? lastId : undefined, {
    write: (text) => response.write(text),
    lost: () => response.destroy(),
  });
}

/**
 * Disconnects the oldest reader of the address that has most of them, so that a newcomer always gets in: readers that
 * are cut off come back and miss nothing, and those that only hold a place can't keep it.
 */
function makeRoom(readers: Set<Reader>): void {
  const counts = new Map<string, number>();
  for (const { address } of readers) counts.set(address, (counts.get(address) ?? 0) + 1);
  const most = Math.max(...counts.values());
  for (const reader of readers) {
    if (counts.get(reader.address) !== most) continue;
    readers.delete(reader);
    reader.response.destroy();
    return;
  }
}

function beat(reader: Reader): void {
  const { response } = reader;
  if (!response.writableNeedDrain) response.write(": \n\n");
  else if (reader.isSlow) response.destroy();
  else reader.isSlow = true;
}
