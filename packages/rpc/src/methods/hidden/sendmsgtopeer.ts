import { hexToBytes } from "@chain/core";
import { WireError } from "@chain/wire";
import { defineMethod, type Method } from "../../define/method.ts";
import { obj } from "../../define/result.ts";
import { hexText, long, string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RPC_MISC_ERROR, RpcError } from "../../errors.ts";

/** Bytes of the name of a message. Core: CMessageHeader::MESSAGE_TYPE_SIZE. */
const MAX_TYPE = 12;
const HEX = /^([0-9a-f]{2})*$/i;

export const sendmsgtopeer: Method = defineMethod({
  name: "sendmsgtopeer",
  category: "hidden",
  description:
    "Send a p2p message to a peer specified by id.\nThe message type and body must be provided, the message header will be generated.\nThis RPC is for testing only.",
  arguments: [
    long("peer_id", { text: "The peer to send the message to." }),
    string("msg_type", { text: `The message type (maximum length ${MAX_TYPE})` }),
    hexText("msg", {
      text: "The serialized message body to send, in hex, without a message header",
    }),
  ],
  results: [{ schema: obj({}) }],
  errors: [
    {
      code: RPC_INVALID_PARAMETER,
      when: "the type is too long, or the body is no hex or longer than a peer would take",
    },
    { code: RPC_MISC_ERROR, when: "there is no such peer" },
  ],
  examples: [[0, "addr", "ffffff"]],
  run: ({ peer_id, msg_type, msg }, { node }) => {
    if (msg_type.length > MAX_TYPE) {
      const message = `Error: msg_type too long, max length is ${MAX_TYPE}`;
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (!HEX.test(msg)) throw new RpcError(RPC_INVALID_PARAMETER, "Error parsing input for msg");
    try {
      if (node.sendRaw(Number(peer_id), msg_type, hexToBytes(msg))) return {};
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new RpcError(RPC_INVALID_PARAMETER, `Error: ${error.message}`, { cause: error });
    }
    throw new RpcError(RPC_MISC_ERROR, "Error: Could not send message to peer");
  },
});
