import { existsSync, readFileSync } from "node:fs";
import { freePort } from "@chain/testing/place";
import { expect, it } from "vitest";

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";

it.runIf(existsSync(RANGE))(
  "a free port is none that an outgoing connection may get, and is handed out once",
  async () => {
    const ports = [];
    for (let n = 0; n < 20; n++) ports.push(await freePort());
    expect(new Set(ports).size).toBe(20);
    const range = readFileSync(RANGE, "utf8");
    const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number);
    expect(ports.filter((port) => port >= low && port <= high)).toEqual([]);
  },
);
