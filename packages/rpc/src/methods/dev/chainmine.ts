import { defineMethod, type Method } from "../../define/method.ts";
import { hex, list } from "../../define/result.ts";
import { integer, string } from "../../define/types.ts";
import { DEV_ERRORS, readReceiver, withDev } from "./devMethod.ts";

export const chain_mine: Method = defineMethod({
  name: "chain_mine",
  category: "hidden",
  description: "Mines blocks on the tip, with what waits in the mempool.",
  arguments: [
    integer("nblocks", { text: "How many", fallback: 1 }),
    string("address", {
      text: "The receiver of the rewards: an address, or an output script in hex",
      hint: "the faucet",
    }),
    integer("interval", {
      text: "Seconds between the blocks, to which the clock moves",
      hint: "what chain_setblockinterval says, or the clock",
    }),
  ],
  results: [{ schema: list(hex("A block hash"), "The blocks") }],
  errors: DEV_ERRORS,
  examples: [[3]],
  run: withDev(async ({ nblocks, address, interval }, dev, host) => {
    const to = address === undefined ? undefined : readReceiver(address, host);
    const blocks = await dev.mine(nblocks, { to, interval });
    return blocks.map(({ hash }) => hash);
  }),
});
