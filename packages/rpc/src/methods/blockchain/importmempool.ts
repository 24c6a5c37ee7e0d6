import { defineMethod, type Method } from "../../define/method.ts";
import { obj } from "../../define/result.ts";
import { boolean, options, readBoolean, string } from "../../define/types.ts";
import { RPC_CLIENT_IN_INITIAL_DOWNLOAD, RPC_MISC_ERROR, RpcError } from "../../errors.ts";

const UNTRUSTED =
  "Warning: Importing untrusted metadata may lead to unexpected issues and undesirable behavior.";

export const importmempool: Method = defineMethod({
  name: "importmempool",
  category: "blockchain",
  description:
    "Import a mempool.dat file and attempt to add its contents to the mempool.\nWarning: Importing untrusted files is dangerous, especially if metadata from the file is taken over.",
  arguments: [
    string("filepath", { text: "The mempool file" }),
    options(
      "options",
      [
        boolean("use_current_time", {
          text: `Whether to use the current system time or use the entry time metadata from the mempool file.\n${UNTRUSTED}`,
          fallback: true,
        }),
        boolean("apply_fee_delta_priority", {
          text: `Whether to apply the fee delta metadata from the mempool file.\nIt will be added to any existing fee deltas.\nThe fee delta can be set by the prioritisetransaction RPC.\n${UNTRUSTED}\nOnly set this bool if you understand what it does.`,
          fallback: false,
        }),
        boolean("apply_unbroadcast_set", {
          text: `Whether to apply the unbroadcast set metadata from the mempool file.\n${UNTRUSTED}`,
          fallback: false,
        }),
      ],
      {
        text: "The parts of the file to take beside its transactions",
        optional: true,
        oneLine: "options",
      },
      // Core reads the fields that it knows.
      false,
    ),
  ],
  results: [{ schema: obj({}) }],
  errors: [
    { code: RPC_CLIENT_IN_INITIAL_DOWNLOAD, when: "blocks are still downloaded" },
    {
      code: RPC_MISC_ERROR,
      when: "there is no such file, or it is damaged: what stands before the damage is taken",
    },
  ],
  examples: [["/path/to/mempool.dat"]],
  run: async ({ filepath, options: given = {} }, { chain, mempool }) => {
    if (chain.initialDownload) {
      const message = "Can only import the mempool after the block download and sync is done.";
      throw new RpcError(RPC_CLIENT_IN_INITIAL_DOWNLOAD, message);
    }
    const isRead = await mempool.importFile?.(filepath, {
      useCurrentTime: readBoolean(given["use_current_time"] ?? true),
      applyFeeDeltas: readBoolean(given["apply_fee_delta_priority"] ?? false),
      applyUnbroadcast: readBoolean(given["apply_unbroadcast_set"] ?? false),
    });
    if (isRead === true) return {};
    const message = "Unable to import mempool file, see debug.log for details.";
    throw new RpcError(RPC_MISC_ERROR, message);
  },
});
