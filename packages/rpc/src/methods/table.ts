/** All methods. One that is added stands here and in a file of its own. */
import type { Method } from "../define/method.ts";
import { getbestblockhash } from "./blockchain/getbestblockhash.ts";
import { getblock } from "./blockchain/getblock.ts";
import { getblockchaininfo } from "./blockchain/getblockchaininfo.ts";
import { getblockcount } from "./blockchain/getblockcount.ts";
import { getblockhash } from "./blockchain/getblockhash.ts";
import { getblockheader } from "./blockchain/getblockheader.ts";
import { getblockstats } from "./blockchain/getblockstats.ts";
import { getchaintips } from "./blockchain/getchaintips.ts";
import { getchaintxstats } from "./blockchain/getchaintxstats.ts";
import { getdeploymentinfo } from "./blockchain/getdeploymentinfo.ts";
import { getdifficulty } from "./blockchain/getdifficulty.ts";
import { getmempoolancestors } from "./blockchain/getmempoolancestors.ts";
import { getmempooldescendants } from "./blockchain/getmempooldescendants.ts";
import { getmempoolentry } from "./blockchain/getmempoolentry.ts";
import { getmempoolinfo } from "./blockchain/getmempoolinfo.ts";
import { getrawmempool } from "./blockchain/getrawmempool.ts";
import { gettxout } from "./blockchain/gettxout.ts";
import { gettxoutproof } from "./blockchain/gettxoutproof.ts";
import { gettxspendingprevout } from "./blockchain/gettxspendingprevout.ts";
import { invalidateblock } from "./blockchain/invalidateblock.ts";
import { preciousblock } from "./blockchain/preciousblock.ts";
import { reconsiderblock } from "./blockchain/reconsiderblock.ts";
import { verifytxoutproof } from "./blockchain/verifytxoutproof.ts";
import { waitforblock } from "./blockchain/waitforblock.ts";
import { waitforblockheight } from "./blockchain/waitforblockheight.ts";
import { waitfornewblock } from "./blockchain/waitfornewblock.ts";
import { getopenrpcinfo } from "./control/getopenrpcinfo.ts";
import { getrpcinfo } from "./control/getrpcinfo.ts";
import { help } from "./control/help.ts";
import { stop } from "./control/stop.ts";
import { uptime } from "./control/uptime.ts";
import { discover } from "./hidden/discover.ts";
import { echo } from "./hidden/echo.ts";
import { echojson } from "./hidden/echojson.ts";
import { submitblock } from "./mining/submitblock.ts";
import { submitheader } from "./mining/submitheader.ts";
import { createrawtransaction } from "./rawtransactions/createrawtransaction.ts";
import { decoderawtransaction } from "./rawtransactions/decoderawtransaction.ts";
import { getrawtransaction } from "./rawtransactions/getrawtransaction.ts";
import { sendrawtransaction } from "./rawtransactions/sendrawtransaction.ts";
import { getindexinfo } from "./util/getindexinfo.ts";

export const METHODS: readonly Method[] = [
  getbestblockhash,
  getblock,
  getblockchaininfo,
  getblockcount,
  getblockhash,
  getblockheader,
  getblockstats,
  getchaintips,
  getchaintxstats,
  getdeploymentinfo,
  getdifficulty,
  getmempoolancestors,
  getmempooldescendants,
  getmempoolentry,
  getmempoolinfo,
  getrawmempool,
  gettxout,
  gettxoutproof,
  gettxspendingprevout,
  invalidateblock,
  preciousblock,
  reconsiderblock,
  verifytxoutproof,
  waitforblock,
  waitforblockheight,
  waitfornewblock,
  getopenrpcinfo,
  getrpcinfo,
  help,
  stop,
  uptime,
  discover,
  echo,
  echojson,
  submitblock,
  submitheader,
  createrawtransaction,
  decoderawtransaction,
  getrawtransaction,
  sendrawtransaction,
  getindexinfo,
];
