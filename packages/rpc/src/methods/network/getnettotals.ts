import { defineMethod, type Method } from "../../define/method.ts";
import { flag, num, obj } from "../../define/result.ts";

/** Seconds. */
const DAY = 24 * 60 * 60;

export const getnettotals: Method = defineMethod({
  name: "getnettotals",
  category: "network",
  description:
    "Returns information about network traffic, including bytes in, bytes out, and current system time.",
  arguments: [],
  results: [
    {
      schema: obj({
        totalbytesrecv: num("Total bytes received"),
        totalbytessent: num("Total bytes sent"),
        timemillis: num("Current system time in milliseconds since 1970"),
        uploadtarget: obj({
          timeframe: num("Length of the measuring timeframe in seconds"),
          target: num("Target in bytes; 0: no limit"),
          target_reached: flag("True if target is reached"),
          serve_historical_blocks: flag("True if serving historical blocks"),
          bytes_left_in_cycle: num("Bytes left in current time cycle"),
          time_left_in_cycle: num("Seconds left in current time cycle"),
        }),
      }),
    },
  ],
  examples: [[]],
  run: (_, { chain, node }) => {
    const { received, sent } = node.traffic;
    const { target, left, endsIn, reached, servesOld } = node.upload;
    return {
      totalbytesrecv: received,
      totalbytessent: sent,
      timemillis: chain.now,
      uploadtarget: {
        timeframe: DAY,
        target,
        target_reached: reached,
        serve_historical_blocks: servesOld,
        bytes_left_in_cycle: left,
        time_left_in_cycle: target === 0 ? 0 : Math.ceil(endsIn / 1000),
      },
    };
  },
});
