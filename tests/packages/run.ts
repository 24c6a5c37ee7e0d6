import { spawn } from "node:child_process";
import { withRegistry } from "@chain/testing/loopback";

/** How a program ended: its exit code (null when a signal ended it) and all that it printed. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a program to its end, without a terminal and without asking anything. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = outsideEnvironment(),
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, output }));
  });
}

/** Installs the dependencies of a folder's manifest, or what `args` say. */
export function npmInstall(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  const env = withRegistry("dependencies of the packages", outsideEnvironment());
  return run("npm", ["install", "--no-audit", "--no-fund", ...args], cwd, env);
}

/** Runs pnpm: the one that started us, or the one that npx fetches. */
export function pnpm(args: readonly string[], cwd: string): Promise<Outcome> {
  const starter = process.env["npm_execpath"];
  if (starter !== undefined && /\bpnpm(\.exe)?$/.test(starter)) return run(starter, args, cwd);
  return run("npx", ["--yes", "pnpm@12", ...args], cwd, withRegistry("pnpm", outsideEnvironment()));
}

/** Ours without what a test run adds, lest a child resolve to sources or take itself for a test. */
export function outsideEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      name !== "NODE_OPTIONS" &&
      name !== "NODE_ENV" &&
      !name.startsWith("VITEST") &&
      !/^npm_config_/i.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
