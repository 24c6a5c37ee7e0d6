import { describe, expect, it } from "vitest";
import { createLog } from "../src/log.ts";
import type { LogOptions } from "../src/logOptions.ts";

function logTo(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    format: "json",
    level: "info",
    colour: false,
    write: (line) => void lines.push(line),
    now: () => Date.UTC(2026, 10, 23, 1, 2, 3),
    ...options,
  });
  return { log, lines };
}

describe("the log", () => {
  it("writes JSON lines with documented fields, at once", () => {
    const { log, lines } = logTo();
    log("info", "chain", "a sentence", { event: "tip", height: 3, value: 5n });
    expect(lines).toEqual([expect.stringMatching(/^\{.*\}\n$/)]);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "info",
      time: "2026-11-23T01:02:03.000Z",
      category: "chain",
      event: "tip",
      height: 3,
      value: "5",
      msg: "a sentence",
    });
  });

  it("writes a line for people, with the level where it is an alarm", () => {
    const { log, lines } = logTo({ format: "pretty" });
    log("info", "net", "fine", { event: "peer" });
    log("error", "store", "not fine");
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d/, "TIME"))).toEqual([
      "TIME net     fine\n",
      "TIME store   error: not fine\n",
    ]);
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = logTo({ level: "warn" });
    log("info", "net", "no");
    log("warn", "net", "yes");
    expect(lines).toHaveLength(1);
    expect(logTo({ level: "silent" }).lines).toEqual([]);
  });

  it("tells everything about some categories, whatever the level", () => {
    for (const level of ["warn", "silent"] as const) {
      const { log, lines } = logTo({ level, debug: ["net", "store"] });
      log("debug", "net", "yes");
      log("info", "chain", "no");
      log("info", "store", "yes");
      log("debug", "sync", "no");
      expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["yes", "yes"]);
      log("warn", "sync", "loud");
      expect(lines).toHaveLength(level === "warn" ? 3 : 2);
    }
  });

  it("lets nobody move the cursor or begin a line", () => {
    for (const format of ["json", "pretty"] as const) {
      const { log, lines } = logTo({ format });
      log("info", "net", "evil\u001b[2J\r\nerror: all is lost\u0007\u009b1m");
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain("evil [2J error: all is lost 1m");
    }
  });

  it("does not let peers fill the disk", () => {
    let now = 0;
    const { log, lines } = logTo({ now: () => now });
    for (let i = 0; i < 10_000; i++) log("info", "relay", `inv ${i}`);
    expect(lines).toHaveLength(200);
    log("info", "chain", "a block, by the way");
    expect(lines).toHaveLength(201);
    now = 1000;
    log("info", "net", "the next second");
    expect(lines.slice(201).map((line) => JSON.parse(line))).toMatchObject([
      { event: "lines-left-out", count: 9800, msg: "9800 lines about peers left out" },
      { msg: "the next second" },
    ]);
  });
});
