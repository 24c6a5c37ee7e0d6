import { Miner, type MinerOptions } from "@chain/engine";
import type { Service } from "./service.ts";

/** Mines from now on, whenever enough transactions are unconfirmed. */
export function startMiner(options: MinerOptions): Service {
  const miner = new Miner(options);
  miner.start();
  return { stopping: "ending the miner", stop: () => miner.stop() };
}
