/** The path `/events` of the HTTP door: server-sent events, as `EventSource` of a browser reads them. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Milliseconds } from "@chain/core";
import type { ChainManager } from "@chain/engine";
import type { Service } from "../node/service.ts";
import type { HttpRoute } from "../rpc/service.ts";
import { EventHistory } from "./history.ts";

export const EVENTS_PATH = "/events";
/** Readers at a time. */
const MAX_READERS = 64;
/** Most bytes that wait for a slow reader: more than the events that are kept have. */
const MAX_WAITING = 8 * 1024 * 1024;
/** A sign of life for readers and for what is between. Milliseconds. */
const HEARTBEAT: Milliseconds = 15_000;
/** How long a reader waits before it comes back. Milliseconds. */
const RETRY: Milliseconds = 1_000;

export interface EventsService extends Service {
  readonly route: HttpRoute;
}

/**
 * Begins to keep events, and serves them. A reader that is too slow is disconnected: with the id of its last event it
 * gets the rest when it comes back.
 * @param options.maxWaiting bytes that may wait for a slow reader
 */
export function startEvents(
  chain: ChainManager,
  { maxWaiting = MAX_WAITING }: { readonly maxWaiting?: number } = {},
): EventsService {
  // When it was started: no other run of this node has that.
  const history = new EventHistory(chain, Date.now().toString(36));
  const readers = new Set<ServerResponse>();
  const heartbeat = setInterval(() => {
    for (const reader of readers) send(reader, ": \n\n", maxWaiting);
  }, HEARTBEAT).unref();
  const handle = (request: IncomingMessage, _: URL, response: ServerResponse) => {
    if (request.method !== "GET") {
      response.writeHead(405, { allow: "GET", "content-length": 0 }).end();
      return;
    }
    if (readers.size >= MAX_READERS) {
      response.writeHead(503, { "content-length": 0 }).end();
      return;
    }
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      connection: "close",
    });
    readers.add(response);
    response.write(`retry: ${RETRY}\n\n`);
    const lastId = request.headers["last-event-id"];
    const unfollow = history.follow(typeof lastId === "string" ? lastId : undefined, (text) =>
      send(response, text, maxWaiting),
    );
    response.once("close", () => {
      unfollow();
      readers.delete(response);
    });
  };
  return {
    route: { prefix: EVENTS_PATH, handle },
    stopping: "ending the server-sent events",
    stop: async () => {
      clearInterval(heartbeat);
      history.stop();
      for (const reader of readers) reader.destroy();
    },
  };
}

function send(reader: ServerResponse, text: string, maxWaiting: number): void {
  if (reader.writableLength + text.length > maxWaiting) reader.destroy();
  else reader.write(text);
}
