/** Plays a scenario of @chain/simnet: `pnpm sim small --seed 7`. Without a name it tells which there are. */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { fastestVerifier } from "../packages/signatures/src/index.ts";
import {
  formatEvent,
  formatReport,
  PRESETS,
  propagationSvg,
  runPreset,
} from "../packages/simnet/src/index.ts";

/** Characters of the log that are gathered before they are written. */
const LOG_BUFFER = 1 << 16;

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function readArguments() {
  const text = { type: "string" } as const;
  return parseArgs({
    allowPositionals: true,
    options: { seed: text, nodes: text, hours: text, svg: text, log: text },
  });
}

/** Lines to a file, or nowhere. */
function openLog(path: string | undefined) {
  if (path === undefined) return { add: undefined, close: () => {} };
  const file = openSync(path, "w");
  let buffer = "";
  const flush = () => {
    writeSync(file, buffer);
    buffer = "";
  };
  const add = (event: Parameters<typeof formatEvent>[0]) => {
    buffer += `${formatEvent(event)}\n`;
    if (buffer.length > LOG_BUFFER) flush();
  };
  const close = () => {
    flush();
    closeSync(file);
  };
  return { add, close };
}

function usage(): string {
  const names = Object.entries(PRESETS).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`);
  const options = "[--seed N] [--nodes N] [--hours N] [--svg FILE] [--log FILE]";
  return [`pnpm sim PRESET ${options}`, "", ...names].join("\n");
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const [name, extra] = positionals;
  if (name === undefined) {
    console.log(usage());
    return;
  }
  if (extra !== undefined) throw new RangeError(`one preset at a time, not "${extra}" as well`);
  const began = performance.now();
  const verifier = await fastestVerifier(() => {});
  const log = openLog(values.log);
  let text = "";
  const onProgress = (share: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.round(100 * share)} %`);
  };
  try {
    const report = await runPreset(name, {
      seed: Number(values.seed ?? 1),
      settle,
      verifier,
      onProgress,
      ...(values.nodes === undefined ? {} : { nodes: Number(values.nodes) }),
      ...(values.hours === undefined ? {} : { hours: Number(values.hours) }),
      ...(log.add === undefined ? {} : { onEvent: log.add }),
    });
    if (process.stderr.isTTY) process.stderr.write("\r");
    text = formatReport(report);
    if (values.svg !== undefined) writeFileSync(values.svg, propagationSvg(report));
  } finally {
    log.close();
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${text}\n${seconds} s, ${memory} MB at most`);
}

try {
  await main();
} catch (error) {
  // The message of a broken rule ends with the command that plays it again.
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
