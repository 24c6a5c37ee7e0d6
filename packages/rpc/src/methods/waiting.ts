/** Calls that wait for the chain to change. */
import type { HeaderNode } from "@chain/core";
import type { Call } from "../define/method.ts";
import { hex, num, obj, type SchemaOf } from "../define/result.ts";
import { integer } from "../define/types.ts";
import { RPC_MISC_ERROR, RpcError } from "../errors.ts";

export interface BlockReference {
  readonly hash: string;
  readonly height: number;
}

export const blockReferenceResult: SchemaOf<BlockReference> = obj({
  hash: hex("The block hash"),
  height: num("Block height"),
});

export const TIMEOUT: ReturnType<typeof integer<"timeout", { text: string; fallback: number }>> =
  integer("timeout", {
    text: "Time in milliseconds to wait for a response. 0 indicates no timeout.",
    fallback: 0,
  });

/** How often it is asked whether the caller has gone. Milliseconds. */
const LOOK_EVERY = 1_000;

/**
 * Waits until the tip is as wanted, the time is over, the server ends, or the caller has gone.
 * @param timeoutMs 0: waits without end
 * @returns the tip as it is then
 * @throws RpcError -1 for a negative time
 */
export async function waitForTip(
  { host: { chain, timers }, signal }: Call,
  isWanted: (tip: HeaderNode) => boolean,
  timeoutMs: number,
): Promise<BlockReference> {
  if (timeoutMs < 0) throw new RpcError(RPC_MISC_ERROR, "Negative timeout");
  if (!isWanted(chain.tip)) {
    await new Promise<void>((resolve) => {
      const ends: (() => void)[] = [];
      const finish = () => {
        for (const end of ends) end();
        resolve();
      };
      ends.push(
        chain.subscribe(({ type }) => {
          const isOver = type === "chain-stopped";
          if (isOver || (type === "tip-changed" && isWanted(chain.tip))) finish();
        }),
      );
      if (timeoutMs > 0) ends.push(timers.after(timeoutMs, finish));
      let cancelLook = () => {};
      const look = () => {
        if (signal.aborted || signal.ending === true) finish();
        else cancelLook = timers.after(LOOK_EVERY, look);
      };
      ends.push(() => cancelLook());
      look();
    });
  }
  const { hash, height } = chain.tip;
  return { hash, height };
}
