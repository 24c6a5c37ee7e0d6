import type { EventEmitter } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { processIo } from "../src/io.ts";

test.each([
  ["exit", [143]],
  ["wait", []],
] as const)("of a second signal the program decides: %s", (again, exits) => {
  const streams = [process, process.stdout, process.stderr];
  const before = streams.map((source) =>
    source.eventNames().map((name) => [name, source.rawListeners(name)] as const),
  );
  onTestFinished(() => {
    for (const [i, source] of streams.entries()) {
      const kept = new Map(before[i]);
      for (const name of source.eventNames())
        for (const listener of source.rawListeners(name))
          if (!kept.get(name)?.includes(listener)) source.off(String(name), listener as () => void);
    }
  });
  const exit = vi.spyOn(process, "exit").mockImplementation((() => {}) as never);
  onTestFinished(() => exit.mockRestore());
  const asked = vi.fn();
  onTestFinished(processIo([], ["SIGTERM"], again).onStop(asked));
  // By name alone: the process itself gets no signal.
  for (let n = 0; n < 2; n++) (process as EventEmitter).emit("SIGTERM", "SIGTERM", 15);
  expect(exit.mock.calls.flat()).toEqual(exits);
  if (again === "wait") expect(asked).toHaveBeenCalledTimes(1);
});
