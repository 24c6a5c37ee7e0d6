import { defineMethod, type Method } from "../../define/method.ts";
import { num, obj } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";

export const getmemoryinfo: Method<HeaderHost> = defineMethod({
  name: "getmemoryinfo",
  category: "control",
  description: "Returns an object containing information about memory usage.",
  arguments: [
    string("mode", {
      text: 'determines what kind of information is returned: "stats". There is no "mallocinfo" here.',
      fallback: "stats",
    }),
  ],
  results: [
    {
      schema: obj({
        locked: obj(
          {
            used: num("Number of bytes used"),
            free: num("Number of bytes available in current arenas"),
            total: num("Total number of bytes managed"),
            locked: num("Amount of bytes that succeeded locking"),
            chunks_used: num("Number allocated chunks"),
            chunks_free: num("Number unused chunks"),
          },
          "Memory that is never swapped to the disk: JavaScript can lock none",
        ),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "the mode is none" }],
  examples: [[]],
  run: ({ mode }) => {
    if (mode === "mallocinfo") {
      throw new RpcError(RPC_INVALID_PARAMETER, "mallocinfo mode not available");
    }
    if (mode !== "stats") throw new RpcError(RPC_INVALID_PARAMETER, `unknown mode ${mode}`);
    return { locked: { used: 0, free: 0, total: 0, locked: 0, chunks_used: 0, chunks_free: 0 } };
  },
});
