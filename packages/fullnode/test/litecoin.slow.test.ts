/** With Litecoin Core 0.21 on regtest, which shares all of the protocol with Bitcoin Core of that age. */
import { type CoreFamily, coreSuite } from "./support/coreSuite.ts";
import { litecoinRegtest } from "./support/litecoin.ts";
import { UNKNOWN } from "./support/probeFrames.ts";

const SCORE = "Core gave up scores in 28.0: what took five such messages takes one";
const NO_HARM = "an invalid transaction costs nobody the connection since Core 29.1";

const different: CoreFamily["different"] = {
  "the oldest version": {
    said: ["version", "verack", "getheaders"],
    alive: true,
    because: "Core sends old nodes its last alert, signed with a key that means nothing here",
  },
  "inv with 50,001 items": { said: [], alive: false, because: SCORE },
  "getdata with 50,001 items": { said: [], alive: false, because: SCORE },
  "addr with 1,001 addresses": { said: [], alive: false, because: SCORE },
  "headers with 2,001 headers": { said: [], alive: false, because: SCORE },
  "headers that do not follow each other": { said: [], alive: false, because: SCORE },
  "a transaction without inputs": { said: [], alive: true, because: NO_HARM },
  "a coinbase of another chain by itself": { said: [], alive: true, because: NO_HARM },
  "getdata of a block that nobody has": {
    said: [`notfound 2-${UNKNOWN.slice(0, 12)}`],
    alive: true,
    because:
      "Core says so of transactions alone; whoever waits for a block can ask another at once",
  },
};

const COMPACT = "its compact blocks are of a version of its own";
const differentSteps = {
  "a header": COMPACT,
  "questions for what it has sent itself":
    "whoever hands in a payment may ask whether it was taken: nobody learns anything from that",
  "a payment with a wrong signature": NO_HARM,
  "one with a higher fee": "Litecoin lets nobody replace a payment",
  "the header of the next and a compact block beyond it": COMPACT,
};

coreSuite({
  program: "litecoind",
  params: litecoinRegtest,
  // Compact blocks without witnesses, or with extension blocks, are not for us.
  says: ["sendcmpct 1", "sendcmpct 3"],
  leavesOut: [],
  different,
  differentSteps,
});
