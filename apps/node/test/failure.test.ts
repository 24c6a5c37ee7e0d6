import { openControl, openOffline } from "@chain/fullnode";
import type { ChainStore } from "@chain/storage";
import { StorageError } from "@chain/storage";
import { addressOf, newChain } from "@chain/testing/place";
import { TestIo } from "@chain/testing/testIo";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/cli.ts";
import { nodeArguments, Program } from "./support/process.ts";

const disk = vi.hoisted(() => ({ full: false }));

vi.mock("@chain/storage/level", async (importOriginal) => {
  const original = await importOriginal<typeof import("@chain/storage/level")>();
  return {
    ...original,
    openLevelStore: async (...args: Parameters<typeof original.openLevelStore>) => {
      const store = await original.openLevelStore(...args);
      return new Proxy(store, {
        get: (target, name: keyof ChainStore) => {
          if (disk.full && name === "commit") {
            return () => Promise.reject(new StorageError("io", "no space left on device"));
          }
          const member = target[name];
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
    },
  };
});

beforeEach(() => {
  disk.full = false;
});

describe("when something goes wrong that should not", () => {
  it("a full disk ends the node, in one line and with exit code 1, and costs nothing that was kept", async () => {
    const identity = await newChain();
    const io = new TestIo();
    const running = run(nodeArguments(identity), {}, io);
    await io.until('"event":"ready"');
    const control = await openControl(identity.paths);
    await control?.mine(addressOf(1));
    disk.full = true;
    await expect(control?.mine(addressOf(1))).rejects.toThrow("no space left");
    expect(await running).toBe(1);
    expect(io.error).toMatch(/^error: [^\n]*its files failed[^\n]*\n$/);
    expect(io.out).toContain("no space left on device");
    disk.full = false;
    const offline = await openOffline(identity);
    expect(offline.chain.tip.height).toBeGreaterThanOrEqual(1);
    await offline.close();
  });

  it("what nobody caught is told in one line, and the node still ends in order", async () => {
    const identity = await newChain();
    const trap = `process.on("SIGUSR2", () => void Promise.reject(new Error("out of\\nnowhere")))`;
    const program = Program.inTest(nodeArguments(identity), [
      "--import",
      `data:text/javascript,${encodeURIComponent(trap)}`,
    ]);
    await program.event("ready");
    program.child.kill("SIGUSR2");
    expect(await program.ended).toBe(1);
    expect(program.error).toBe("error: unexpected, please report it: out of nowhere\n");
    expect(program.lines.at(-1)).toMatchObject({ event: "stopped" });
    await (await openOffline(identity)).close();
  });
});
