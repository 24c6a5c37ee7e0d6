/** All methods. One that is added stands here and in a file of its own. */
import type { Method } from "../define/method.ts";
import { WALLET_METHODS } from "../wallet/table.ts";
import { dumptxoutset } from "./blockchain/dumptxoutset.ts";
import { getbestblockhash } from "./blockchain/getbestblockhash.ts";
import { getblock } from "./blockchain/getblock.ts";
import { getblockchaininfo } from "./blockchain/getblockchaininfo.ts";
import { getblockcount } from "./blockchain/getblockcount.ts";
import { getblockfilter } from "./blockchain/getblockfilter.ts";
import { getblockfrompeer } from "./blockchain/getblockfrompeer.ts";
import { getblockhash } from "./blockchain/getblockhash.ts";
import { getblockheader } from "./blockchain/getblockheader.ts";
import { getblockstats } from "./blockchain/getblockstats.ts";
import { getchainstates } from "./blockchain/getchainstates.ts";
import { getchaintips } from "./blockchain/getchaintips.ts";
import { getchaintxstats } from "./blockchain/getchaintxstats.ts";
import { getdeploymentinfo } from "./blockchain/getdeploymentinfo.ts";
import { getdescriptoractivity } from "./blockchain/getdescriptoractivity.ts";
import { getdifficulty } from "./blockchain/getdifficulty.ts";
import { getmempoolancestors } from "./blockchain/getmempoolancestors.ts";
import { getmempooldescendants } from "./blockchain/getmempooldescendants.ts";
import { getmempoolentry } from "./blockchain/getmempoolentry.ts";
import { getmempoolinfo } from "./blockchain/getmempoolinfo.ts";
import { getrawmempool } from "./blockchain/getrawmempool.ts";
import { gettxout } from "./blockchain/gettxout.ts";
import { gettxoutproof } from "./blockchain/gettxoutproof.ts";
import { gettxoutsetinfo } from "./blockchain/gettxoutsetinfo.ts";
import { gettxspendingprevout } from "./blockchain/gettxspendingprevout.ts";
import { importmempool } from "./blockchain/importmempool.ts";
import { invalidateblock } from "./blockchain/invalidateblock.ts";
import { loadtxoutset } from "./blockchain/loadtxoutset.ts";
import { preciousblock } from "./blockchain/preciousblock.ts";
import { pruneblockchain } from "./blockchain/pruneblockchain.ts";
import { reconsiderblock } from "./blockchain/reconsiderblock.ts";
import { savemempool } from "./blockchain/savemempool.ts";
import { scanblocks } from "./blockchain/scanblocks.ts";
import { scantxoutset } from "./blockchain/scantxoutset.ts";
import { verifychain } from "./blockchain/verifychain.ts";
import { verifytxoutproof } from "./blockchain/verifytxoutproof.ts";
import { waitforblock } from "./blockchain/waitforblock.ts";
import { waitforblockheight } from "./blockchain/waitforblockheight.ts";
import { waitfornewblock } from "./blockchain/waitfornewblock.ts";
import { getblockundo } from "./chain/getblockundo.ts";
import { getnodeinfo } from "./chain/getnodeinfo.ts";
import { getscriptbalance } from "./chain/getscriptbalance.ts";
import { getscripthistory } from "./chain/getscripthistory.ts";
import { listunspentbyscript } from "./chain/listunspentbyscript.ts";
import { submitpayment } from "./chain/submitpayment.ts";
import { watchscripts } from "./chain/watchscripts.ts";
import { getmemoryinfo } from "./control/getmemoryinfo.ts";
import { getopenrpcinfo } from "./control/getopenrpcinfo.ts";
import { getrpcinfo } from "./control/getrpcinfo.ts";
import { help } from "./control/help.ts";
import { logging } from "./control/logging.ts";
import { stop } from "./control/stop.ts";
import { uptime } from "./control/uptime.ts";
import { chain_accounts } from "./dev/chainaccounts.ts";
import { chain_drop } from "./dev/chaindrop.ts";
import { chain_dump } from "./dev/chaindump.ts";
import { chain_faucet } from "./dev/chainfaucet.ts";
import { chain_fund } from "./dev/chainfund.ts";
import { chain_increasetime } from "./dev/chainincreasetime.ts";
import { chain_info } from "./dev/chaininfo.ts";
import { chain_mine } from "./dev/chainmine.ts";
import { chain_reorg } from "./dev/chainreorg.ts";
import { chain_revert } from "./dev/chainrevert.ts";
import { chain_rollback } from "./dev/chainrollback.ts";
import { chain_send } from "./dev/chainsend.ts";
import { chain_setautomine } from "./dev/chainsetautomine.ts";
import { chain_setblockinterval } from "./dev/chainsetblockinterval.ts";
import { chain_setfeerate } from "./dev/chainsetfeerate.ts";
import { chain_settime } from "./dev/chainsettime.ts";
import { chain_settled } from "./dev/chainsettled.ts";
import { chain_snapshot } from "./dev/chainsnapshot.ts";
import { chain_spendas } from "./dev/chainspendas.ts";
import { addconnection } from "./hidden/addconnection.ts";
import { addpeeraddress } from "./hidden/addpeeraddress.ts";
import { discover } from "./hidden/discover.ts";
import { echo } from "./hidden/echo.ts";
import { echoipc } from "./hidden/echoipc.ts";
import { echojson } from "./hidden/echojson.ts";
import { estimaterawfee } from "./hidden/estimaterawfee.ts";
import { generate } from "./hidden/generate.ts";
import { getrawaddrman } from "./hidden/getrawaddrman.ts";
import { mockscheduler } from "./hidden/mockscheduler.ts";
import { sendmsgtopeer } from "./hidden/sendmsgtopeer.ts";
import { setmocktime } from "./hidden/setmocktime.ts";
import { syncwithvalidationinterfacequeue } from "./hidden/syncwithvalidationinterfacequeue.ts";
import { generateblock } from "./mining/generateblock.ts";
import { generatetoaddress } from "./mining/generatetoaddress.ts";
import { generatetodescriptor } from "./mining/generatetodescriptor.ts";
import { getblocktemplate } from "./mining/getblocktemplate.ts";
import { getmininginfo } from "./mining/getmininginfo.ts";
import { getnetworkhashps } from "./mining/getnetworkhashps.ts";
import { getprioritisedtransactions } from "./mining/getprioritisedtransactions.ts";
import { prioritisetransaction } from "./mining/prioritisetransaction.ts";
import { submitblock } from "./mining/submitblock.ts";
import { submitheader } from "./mining/submitheader.ts";
import { addnode } from "./network/addnode.ts";
import { clearbanned } from "./network/clearbanned.ts";
import { disconnectnode } from "./network/disconnectnode.ts";
import { getaddednodeinfo } from "./network/getaddednodeinfo.ts";
import { getaddrmaninfo } from "./network/getaddrmaninfo.ts";
import { getconnectioncount } from "./network/getconnectioncount.ts";
import { getnettotals } from "./network/getnettotals.ts";
import { getnetworkinfo } from "./network/getnetworkinfo.ts";
import { getnodeaddresses } from "./network/getnodeaddresses.ts";
import { getpeerinfo } from "./network/getpeerinfo.ts";
import { listbanned } from "./network/listbanned.ts";
import { ping } from "./network/ping.ts";
import { setban } from "./network/setban.ts";
import { setnetworkactive } from "./network/setnetworkactive.ts";
import { analyzepsbt } from "./rawtransactions/analyzepsbt.ts";
import { combinepsbt } from "./rawtransactions/combinepsbt.ts";
import { combinerawtransaction } from "./rawtransactions/combinerawtransaction.ts";
import { converttopsbt } from "./rawtransactions/converttopsbt.ts";
import { createpsbt } from "./rawtransactions/createpsbt.ts";
import { createrawtransaction } from "./rawtransactions/createrawtransaction.ts";
import { decodepsbt } from "./rawtransactions/decodepsbt.ts";
import { decoderawtransaction } from "./rawtransactions/decoderawtransaction.ts";
import { decodescript } from "./rawtransactions/decodescript.ts";
import { descriptorprocesspsbt } from "./rawtransactions/descriptorprocesspsbt.ts";
import { finalizepsbt } from "./rawtransactions/finalizepsbt.ts";
import { getorphantxs } from "./rawtransactions/getorphantxs.ts";
import { getrawtransaction } from "./rawtransactions/getrawtransaction.ts";
import { joinpsbts } from "./rawtransactions/joinpsbts.ts";
import { sendrawtransaction } from "./rawtransactions/sendrawtransaction.ts";
import { signrawtransactionwithkey } from "./rawtransactions/signrawtransactionwithkey.ts";
import { testmempoolaccept } from "./rawtransactions/testmempoolaccept.ts";
import { utxoupdatepsbt } from "./rawtransactions/utxoupdatepsbt.ts";
import { createmultisig } from "./util/createmultisig.ts";
import { deriveaddresses } from "./util/deriveaddresses.ts";
import { estimatesmartfee } from "./util/estimatesmartfee.ts";
import { getdescriptorinfo } from "./util/getdescriptorinfo.ts";
import { getindexinfo } from "./util/getindexinfo.ts";
import { signmessagewithprivkey } from "./util/signmessagewithprivkey.ts";
import { validateaddress } from "./util/validateaddress.ts";
import { verifymessage } from "./util/verifymessage.ts";
import { getzmqnotifications } from "./zmq/getzmqnotifications.ts";

export const METHODS: readonly Method[] = [
  getbestblockhash,
  getblock,
  getblockfilter,
  dumptxoutset,
  getblockchaininfo,
  getblockcount,
  getblockfrompeer,
  getblockhash,
  getblockheader,
  getblockstats,
  getchainstates,
  getchaintips,
  getchaintxstats,
  getdeploymentinfo,
  getdescriptoractivity,
  getdifficulty,
  getmempoolancestors,
  getmempooldescendants,
  getmempoolentry,
  getmempoolinfo,
  getrawmempool,
  gettxout,
  gettxoutproof,
  gettxoutsetinfo,
  gettxspendingprevout,
  verifychain,
  importmempool,
  invalidateblock,
  loadtxoutset,
  preciousblock,
  pruneblockchain,
  reconsiderblock,
  scanblocks,
  savemempool,
  scantxoutset,
  verifytxoutproof,
  analyzepsbt,
  waitforblock,
  waitforblockheight,
  waitfornewblock,
  getblockundo,
  getnodeinfo,
  getscriptbalance,
  getscripthistory,
  listunspentbyscript,
  submitpayment,
  watchscripts,
  getmemoryinfo,
  getopenrpcinfo,
  getrpcinfo,
  help,
  logging,
  stop,
  uptime,
  addconnection,
  addpeeraddress,
  discover,
  echo,
  echojson,
  echoipc,
  chain_accounts,
  chain_drop,
  chain_dump,
  chain_faucet,
  chain_fund,
  chain_increasetime,
  chain_info,
  chain_mine,
  chain_reorg,
  chain_revert,
  chain_rollback,
  chain_send,
  chain_setautomine,
  chain_setblockinterval,
  chain_setfeerate,
  chain_settime,
  chain_settled,
  chain_snapshot,
  chain_spendas,
  estimaterawfee,
  generate,
  getrawaddrman,
  mockscheduler,
  sendmsgtopeer,
  setmocktime,
  syncwithvalidationinterfacequeue,
  generateblock,
  generatetoaddress,
  generatetodescriptor,
  getblocktemplate,
  getmininginfo,
  getnetworkhashps,
  getprioritisedtransactions,
  prioritisetransaction,
  submitblock,
  submitheader,
  addnode,
  clearbanned,
  disconnectnode,
  getaddednodeinfo,
  getaddrmaninfo,
  getconnectioncount,
  getnettotals,
  getnetworkinfo,
  getnodeaddresses,
  getpeerinfo,
  listbanned,
  ping,
  setban,
  setnetworkactive,
  createrawtransaction,
  decodepsbt,
  decoderawtransaction,
  decodescript,
  descriptorprocesspsbt,
  getrawtransaction,
  sendrawtransaction,
  testmempoolaccept,
  utxoupdatepsbt,
  combinepsbt,
  combinerawtransaction,
  converttopsbt,
  createpsbt,
  finalizepsbt,
  getorphantxs,
  joinpsbts,
  signrawtransactionwithkey,
  deriveaddresses,
  estimatesmartfee,
  getdescriptorinfo,
  getindexinfo,
  validateaddress,
  createmultisig,
  signmessagewithprivkey,
  verifymessage,
  getzmqnotifications,
  ...WALLET_METHODS,
];
