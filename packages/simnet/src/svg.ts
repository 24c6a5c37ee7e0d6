import type { Report } from "./report.ts";

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 56, right: 16, top: 32, bottom: 48 } as const;
/** Lines of the grid, about. */
const STEPS = 6;

/**
 * How blocks spread, as a picture: over the time since a block was found, the share of nodes that have it.
 * @example propagationSvg(makeReport(simulation)) // "<svg…"
 */
export function propagationSvg({ curve, nodes, hours, seed }: Report): string {
  const end = Math.max(1, ...curve.map(({ slow }) => slow)) / 1000;
  const step = niceStep(end / STEPS);
  const last = Math.ceil(end / step) * step;
  const x = (seconds: number): number =>
    MARGIN.left + (seconds / last) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (share: number): number =>
    HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const line = (of: "median" | "slow", style: string): string => {
    const points = curve.map((reach) => `${fixed(x(reach[of] / 1000))},${fixed(y(reach.share))}`);
    return `<polyline fill="none" ${style} points="${points.join(" ")}"/>`;
  };
  const ticks = Array.from({ length: Math.round(last / step) + 1 }, (_, n) => n * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 20, "middle", `blocks among ${nodes} nodes, ${hours} h, seed ${seed}`),
    ...ticks.flatMap((seconds) => [
      grid(x(seconds), y(0), x(seconds), y(1)),
      text(x(seconds), y(0) + 16, "middle", String(Number(seconds.toFixed(2)))),
    ]),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      grid(x(0), y(share), x(last), y(share)),
      text(x(0) - 6, y(share) + 4, "end", `${100 * share} %`),
    ]),
    text((x(0) + x(last)) / 2, HEIGHT - 10, "middle", "seconds since the block was found"),
    line("median", 'stroke="#1f6feb" stroke-width="2"'),
    line("slow", 'stroke="#d1651f" stroke-width="1.5" stroke-dasharray="5 3"'),
    text(x(last) - 8, y(0) - 26, "end", "median block", "#1f6feb"),
    text(x(last) - 8, y(0) - 10, "end", "slowest block of twenty", "#d1651f"),
    "</svg>",
    "",
  ].join("\n");
}

/** 1, 2 or 5 times a power of ten, not below. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  const ends = `x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"`;
  return `<line ${ends} stroke="#ddd"/>`;
}

function text(x: number, y: number, anchor: string, words: string, fill = "#333"): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;
}
