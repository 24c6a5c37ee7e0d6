/** With Bitcoin Core on regtest: Bitcoin Knots 29 where that is what Debian calls `bitcoind`. */
import { regtest } from "@chain/core";
import { type CoreFamily, coreSuite } from "./support/coreSuite.ts";
import { UNKNOWN } from "./support/probeFrames.ts";

const TOLERANT =
  "Knots puts up with invalid blocks and headers where Core parts with who sends them";

const OWN =
  "whoever hands in a payment may ask whether it was taken: nobody learns anything from that";

const different: CoreFamily["different"] = {
  "the oldest version": {
    said: ["version", "verack", "getheaders"],
    alive: true,
    because: "Core sends old nodes its last alert, signed with a key that means nothing here",
  },
  "a compact block without work": { said: [], alive: false, because: TOLERANT },
  "a block on nothing": { said: [], alive: false, because: TOLERANT },
  "getdata of a block that nobody has": {
    said: [`notfound 2-${UNKNOWN.slice(0, 12)}`],
    alive: true,
    because:
      "Core says so of transactions alone; whoever waits for a block can ask another at once",
  },
};

const differentSteps = {
  "questions for what it has sent itself": OWN,
  "a header older than those before it": TOLERANT,
  "a block that takes too much": TOLERANT,
  "a header on it": TOLERANT,
};

coreSuite({
  program: "bitcoind",
  params: regtest,
  // The probes don't speak the encrypted transport (BIP-0324); Knots has filters for callers of this machine.
  flags: ["-v2transport=0", "-peerbloomfilters=0"],
  // It would ask the router to open a port.
  quiet: ["-natpmp=0"],
  says: [],
  // It says so later, once it is known to have work.
  leavesOut: ["sendheaders"],
  different,
  differentSteps,
});
