/** Tables and pictures of what happened, and the program that shows them. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundled } from "@chain/testing/bundled";
import { settle } from "@chain/testing/time";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatReport, propagationSvg, type Report, runPreset } from "../src/index.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
let dir = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "chain-sim-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function play(...words: readonly string[]) {
  const program = await bundled(join(root, "scripts/sim.ts"));
  const child = spawn(process.execPath, [program, ...words], { cwd: root });
  let out = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise<{ code: number | null; out: string; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, out, errors }));
  });
}

const reach = (share: number, median: number) => {
  return { share, median, mean: median, slow: 2 * median, blocks: 3 };
};
const report: Report = {
  seed: 9,
  nodes: 10,
  hours: 2,
  events: 1_000,
  hash: "ab",
  blocks: 8,
  stale: 2,
  reach: [reach(0.5, 100), reach(0.9, 250)],
  curve: [reach(0.5, 100), reach(1, 400)],
  traffic: [
    ["inv", 1_234.4],
    ["ping", 32],
  ],
};

describe("a report", () => {
  it("is a table for people", () => {
    const lines = formatReport(report).split("\n");
    expect(lines[0]).toBe("10 nodes, 2 h, seed 9: 8 blocks, 2 of them stale (25.0 %)");
    expect(lines).toContain("  50 %   0.10 s  0.10 s       0.20 s       3");
    expect(lines).toContain("  inv       1234 B");
    expect(lines).toContain("  in total  1266 B");
  });

  it("is a picture", () => {
    const svg = propagationSvg(report);
    const points = [...svg.matchAll(/points="([^"]*)"/g)].map(([, all]) => all?.split(" "));
    expect(points).toHaveLength(2);
    // From left to right, and up.
    for (const all of points) {
      const [first, last] = all!.map((point) => point.split(",").map(Number));
      expect(first![0]).toBeLessThan(last![0]!);
      expect(first![1]).toBeGreaterThan(last![1]!);
    }
    expect(svg).not.toContain("NaN");
    expect(propagationSvg({ ...report, curve: [] })).not.toContain("NaN");
  });

  it("counts what happened", async () => {
    const {
      blocks,
      stale,
      reach: table,
      traffic,
    } = await runPreset("small", {
      seed: 3,
      nodes: 4,
      hours: 0.2,
      settle,
    });
    expect(blocks).toBeGreaterThan(5);
    expect(stale).toBeLessThan(blocks);
    const medians = table.map(({ median }) => median);
    expect(medians).toEqual([...medians].sort((a, b) => a - b));
    expect(medians[0]).toBeGreaterThan(4);
    expect(traffic.map(([command]) => command)).toContain("cmpctblock");
  });
});

describe("pnpm sim", () => {
  it("plays a scenario and writes what it is asked for", async () => {
    const [svg, log] = [join(dir, "a.svg"), join(dir, "a.log")];
    const { code, out, errors } = await play(
      ...["small", "--seed", "3", "--nodes", "5", "--hours", "0.1", "--svg", svg, "--log", log],
    );
    expect([code, errors]).toEqual([0, ""]);
    expect(out).toMatch(/^5 nodes, 0\.12 h, seed 3: \d+ blocks/);
    expect(await readFile(svg, "utf8")).toMatch(/^<svg .*<\/svg>\n$/s);
    expect((await readFile(log, "utf8")).split("\n")[0]).toBe(
      "00:00:00.000 node0 starts at height 0",
    );
  });

  it("says in a line what it does not know", async () => {
    const all = await Promise.all([
      play("nonsense"),
      play("small", "--seed", "x"),
      play("small", "--sed", "1"),
    ]);
    for (const { code, out, errors } of all) {
      expect([code, out, errors.trim().split("\n")]).toEqual([1, "", [expect.any(String)]]);
    }
    expect(all[0]!.errors).toContain('no preset "nonsense"; there are: small, partition');
  });
});
