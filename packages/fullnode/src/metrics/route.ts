import type { HttpRoute } from "../rpc/service.ts";
import type { NodeMetrics } from "./nodeMetrics.ts";

/** The path `/metrics` of the HTTP door, which Prometheus asks. */
export function metricsRoute(metrics: NodeMetrics): HttpRoute {
  return {
    prefix: "/metrics",
    handle: async (_request, _url, response) => {
      const text = Buffer.from(await metrics.text());
      const type = metrics.contentType;
      response.writeHead(200, { "content-type": type, "content-length": text.length }).end(text);
    },
  };
}
