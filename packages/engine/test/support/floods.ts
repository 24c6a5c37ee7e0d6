/** Transactions and messages that are costly to look at. */

import { easyDevnet } from "@chain/testing/blockFactory";
import type { Stranger } from "@chain/testing/stranger";
import { type Message, PROTOCOL_VERSION } from "@chain/wire";

/** A question that a healthy node answers at once. */
export const question: Message = {
  command: "getheaders",
  protocolVersion: PROTOCOL_VERSION,
  locator: [easyDevnet().genesis.hash],
  stopHash: easyDevnet().genesis.hash,
};

export async function answers(stranger: Stranger): Promise<void> {
  stranger.say(question);
  await stranger.hears("headers");
}
