/** The options of the doors for explorers and wallets, a row each. */

import type { PeerAddress } from "@chain/engine";
import type { DoorsConfig } from "@chain/fullnode";
import type { NodeOption } from "./nodeOption.ts";
import { some, webSocketBind } from "./parsers.ts";

const INDEXES = "--txindex, --txospenderindex and --scripthistoryindex are switched on";

function door(flags: string, help: string, set: (at: PeerAddress) => DoorsConfig): NodeOption {
  return {
    flags,
    group: "doors",
    help,
    set: ({ text, flag }) => ({ doors: set(webSocketBind(text, flag)) }),
  };
}

export const DOOR_OPTIONS: readonly NodeOption[] = [
  door(
    "--esplora <[host:]port>",
    `serve Esplora's REST API there, to all callers (host: 127.0.0.1; port 0: any that is free); ${INDEXES}`,
    (esplora) => ({ esplora }),
  ),
  door(
    "--electrum <[host:]port>",
    `serve the Electrum protocol there, to all callers (host: 127.0.0.1; port 0: any that is free); ${INDEXES}`,
    (electrum) => ({ electrum }),
  ),
  door(
    "--electrum-ws <[host:]port>",
    "the same over WebSocket, a message a line, for pages and programs in browsers",
    (electrumWs) => ({ electrumWs }),
  ),
  door(
    "--electrum-tls <[host:]port>",
    "the same over TLS; needs --tls-cert and --tls-key",
    (electrumTls) => ({ electrumTls }),
  ),
  {
    flags: "--tls-cert <path>",
    group: "doors",
    help: "the certificate of --electrum-tls, in PEM",
    set: ({ text, flag }) => ({ doors: { tlsCertificate: some(text, flag) } }),
  },
  {
    flags: "--tls-key <path>",
    group: "doors",
    help: "the private key of that certificate, in PEM",
    set: ({ text, flag }) => ({ doors: { tlsKey: some(text, flag) } }),
  },
];
