/** Ports for tests that need no network: real timers, a clock that can be set, a log that can be read. */
import type { Clock, Log, LogLevel, Timers } from "../../src/ports.ts";

export class TestClock implements Clock {
  milliseconds: number;

  constructor(seconds: number) {
    this.milliseconds = seconds * 1000;
  }

  now(): number {
    return this.milliseconds;
  }
}

export const realTimers: Timers = {
  after(milliseconds, callback) {
    const timer = milliseconds === 0 ? setImmediate(callback) : setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer as NodeJS.Timeout);
      clearImmediate(timer as NodeJS.Immediate);
    };
  },
};

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

export function collectingLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  return { lines, log: (level, _category, message) => void lines.push({ level, message }) };
}
