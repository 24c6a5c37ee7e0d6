/** Serves the page on loopback: a page from a file has no origin that a node could let in. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPage } from "./build.ts";

const PORT = 8080;
const FILES: ReadonlyMap<string, readonly [file: string, type: string]> = new Map([
  ["/", ["index.html", "text/html"]],
  ["/main.js", ["main.js", "text/javascript"]],
  ["/style.css", ["style.css", "text/css"]],
]);
/** Nothing but the page itself, and WebSockets to any node. */
const POLICY = "default-src 'self'; connect-src ws: wss:; base-uri 'none'; frame-ancestors 'none'";

/** Serves a folder that `buildPage` has made. @param port 0: one that the system chooses */
export function servePage(
  folder: string,
  port: number,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(async ({ url = "/", method }, response) => {
    const [path = "/"] = url.split("?");
    const found = method === "GET" ? FILES.get(path) : undefined;
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    const [file, type] = found;
    response.writeHead(200, {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    response.end(await readFile(join(folder, file)));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const bound = server.address();
      const chosen = typeof bound === "object" && bound !== null ? bound.port : port;
      resolve({ server, url: `http://127.0.0.1:${chosen}` });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(tmpdir(), `chain-browser-node-${process.pid}`);
  await buildPage(folder);
  const { url } = await servePage(folder, Number(process.env["PORT"] ?? PORT));
  console.log(
    `${url}/ (a node lets it in by: chain-node startnode --listen-ws 3001 --ws-origin ${url})`,
  );
}
