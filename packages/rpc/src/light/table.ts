/** All methods of a light node. */
import type { Method } from "../define/method.ts";
import type { HeaderHost } from "../host.ts";
import { getbestblockhash } from "../methods/blockchain/getbestblockhash.ts";
import { getblockcount } from "../methods/blockchain/getblockcount.ts";
import { getblockhash } from "../methods/blockchain/getblockhash.ts";
import { getblockheader } from "../methods/blockchain/getblockheader.ts";
import { getdifficulty } from "../methods/blockchain/getdifficulty.ts";
import { getmemoryinfo } from "../methods/control/getmemoryinfo.ts";
import { getrpcinfo } from "../methods/control/getrpcinfo.ts";
import { help } from "../methods/control/help.ts";
import { logging } from "../methods/control/logging.ts";
import { stop } from "../methods/control/stop.ts";
import { uptime } from "../methods/control/uptime.ts";
import { createrawtransaction } from "../methods/rawtransactions/createrawtransaction.ts";
import { decoderawtransaction } from "../methods/rawtransactions/decoderawtransaction.ts";
import { decodescript } from "../methods/rawtransactions/decodescript.ts";
import { METHODS } from "../methods/table.ts";
import { deriveaddresses } from "../methods/util/deriveaddresses.ts";
import { getdescriptorinfo } from "../methods/util/getdescriptorinfo.ts";
import { signmessagewithprivkey } from "../methods/util/signmessagewithprivkey.ts";
import { validateaddress } from "../methods/util/validateaddress.ts";
import { verifymessage } from "../methods/util/verifymessage.ts";
import { ABOUT } from "./about.ts";
import type { LightHost } from "./host.ts";
import { refused } from "./method.ts";
import { PAYMENTS } from "./payments.ts";
import { PROOFS } from "./proofs.ts";

/** The same as of a full node. */
const SHARED: readonly Method<HeaderHost>[] = [
  getbestblockhash,
  getblockcount,
  getblockhash,
  getblockheader,
  getdifficulty,
  getmemoryinfo,
  getrpcinfo,
  help,
  logging,
  stop,
  uptime,
  createrawtransaction,
  decoderawtransaction,
  decodescript,
  deriveaddresses,
  getdescriptorinfo,
  signmessagewithprivkey,
  validateaddress,
  verifymessage,
];

const OWN: readonly Method<LightHost>[] = [...SHARED, ...ABOUT, ...PAYMENTS, ...PROOFS];

/**
 * The methods of a light node. Those of a full node that it can't answer are there too, and say so.
 */
export const LIGHT_METHODS: readonly Method<LightHost>[] = [
  ...OWN,
  ...METHODS.filter(({ name }) => !OWN.some((own) => own.name === name)).map(refused),
];
