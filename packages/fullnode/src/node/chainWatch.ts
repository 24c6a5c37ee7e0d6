import type { ChainManager, Log } from "@chain/engine";
import type { Service } from "./service.ts";

/** Ends the node where its chain can't go on, because a write failed or what it needs is damaged. */
export function startChainWatch(
  chain: ChainManager,
  log: Log,
  end: (why: string) => void,
): Service {
  const unsubscribe = chain.subscribe((event) => {
    if (event.type !== "chain-stopped") return;
    const { why } = event;
    log("error", "chain", `the node stops, because nothing may build on what failed: ${why}`);
    end(why);
  });
  return { stopping: "ending the watch of the chain", stop: async () => unsubscribe() };
}
