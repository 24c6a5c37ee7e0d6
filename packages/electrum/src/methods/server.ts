/** Methods of the server itself. ElectrumX: session.py. */
import type { Method } from "../call.ts";
import { shown } from "../call.ts";
import { badRequest, ElectrumError } from "../errors.ts";
import { MAX_VERSION, MIN_VERSION, negotiate, versionText } from "../version.ts";

/** A call whose answer is the last of its session. */
export class LastAnswer extends ElectrumError {}

const nothing = (result: unknown): Method => ({ params: [], required: 0, run: () => result });

export const SERVER_METHODS: Readonly<Record<string, Method>> = /* @__PURE__ */ (() => ({
  "server.version": {
    params: ["client_name", "protocol_version"],
    required: 0,
    run: ({ args, caller, software }) => {
      // Asked again, what was agreed on stands.
      if (!caller.isGreeted) {
        const version = negotiate(args[1]);
        if (version === undefined) {
          const { code, message } = badRequest(`unsupported protocol version: ${shown(args[1])}`);
          throw new LastAnswer(code, message);
        }
        caller.version = version;
        caller.isGreeted = true;
      }
      return [software, versionText(caller.version)];
    },
  },
  "server.features": {
    params: [],
    required: 0,
    run: ({ host, software }) => ({
      hosts: {},
      pruning: null,
      server_version: software,
      protocol_min: versionText(MIN_VERSION),
      protocol_max: versionText(MAX_VERSION),
      genesis_hash: host.chain.params.genesis.hash,
      hash_function: "sha256",
      services: [],
    }),
  },
  "server.banner": { params: [], required: 0, run: ({ banner }) => banner },
  "server.donation_address": nothing(""),
  "server.peers.subscribe": nothing([]),
  // It tells of no other servers.
  "server.add_peer": { params: ["features"], required: 0, run: () => false },
  "server.ping": { params: ["pong_len", "data"], required: 0, run: () => null },
}))();
