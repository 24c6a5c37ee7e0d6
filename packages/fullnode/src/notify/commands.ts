/** Runs commands of the person who started the node, when something has happened. Core: runCommand. */
import { spawn } from "node:child_process";
import type { Log } from "@chain/engine";

/** Commands that run at a time: a burst of blocks must not start hundreds. */
const MAX_RUNNING = 4;
/** Commands that wait; the oldest is dropped for a newer one, which tells of a newer state. */
const MAX_WAITING = 1_000;

/** Hands commands to the shell, a few at a time, in order. A failure is told in the log. */
export class Commands {
  readonly #log: Log;
  #waiting: string[] = [];
  #running = 0;
  #dropped = 0;
  #idle: (() => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  run(command: string): void {
    this.#waiting.push(command);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#next();
  }

  /** Resolves when none runs and none waits. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < MAX_RUNNING) {
      const command = this.#waiting.shift();
      if (command === undefined) break;
      this.#running++;
      // Output of theirs would end up between the lines of our log.
      const child = spawn(command, { shell: true, stdio: ["ignore", "ignore", "inherit"] });
      let isDone = false;
      const done = (failure: string | undefined) => {
        if (isDone) return;
        isDone = true;
        if (failure !== undefined) this.#log("warn", "net", `command ${command}: ${failure}`);
        this.#running--;
        this.#next();
      };
      child.once("error", ({ message }) => done(message));
      child.once("exit", (code, signal) => {
        if (code === 0) done(undefined);
        else done(code === null ? `ended by ${signal}` : `exit code ${code}`);
      });
    }
    if (this.#dropped > 0 && this.#waiting.length === 0) {
      this.#log("warn", "net", `${this.#dropped} commands were left out: more came than could run`);
      this.#dropped = 0;
    }
    if (this.#running > 0 || this.#waiting.length > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
