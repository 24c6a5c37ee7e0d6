import type { HttpRoute } from "../rpc/service.ts";
import type { NodeMetrics } from "./nodeMetrics.ts";

/** The path `/metrics` of the HTTP door, which Prometheus asks. */
export function metricsRoute(metrics: NodeMetrics): HttpRoute {
  return {
    prefix: "/metrics",
    handle: async (request, _, response) => {
      request.resume();
      if (request.method !== "GET" && request.method !== "HEAD") {
        response.writeHead(405, { allow: "GET, HEAD", "content-length": 0 }).end();
        return;
      }
      const text = Buffer.from(await metrics.text());
      const type = metrics.contentType;
      response.writeHead(200, { "content-type": type, "content-length": text.length }).end(text);
    },
  };
}
