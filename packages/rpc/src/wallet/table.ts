/** All methods of wallets. One that is added stands here and in a file of its own. */
import type { Method } from "../define/method.ts";
import { getaddressesbylabel } from "./addresses/getaddressesbylabel.ts";
import { getaddressinfo } from "./addresses/getaddressinfo.ts";
import { getnewaddress } from "./addresses/getnewaddress.ts";
import { getrawchangeaddress } from "./addresses/getrawchangeaddress.ts";
import { keypoolrefill } from "./addresses/keypoolrefill.ts";
import { listaddressgroupings } from "./addresses/listaddressgroupings.ts";
import { listlabels } from "./addresses/listlabels.ts";
import { setlabel } from "./addresses/setlabel.ts";
import { signmessage } from "./addresses/signmessage.ts";
import { walletdisplayaddress } from "./addresses/walletdisplayaddress.ts";
import { getbalance } from "./coins/getbalance.ts";
import { getbalances } from "./coins/getbalances.ts";
import { getreceivedbyaddress } from "./coins/getreceivedbyaddress.ts";
import { getreceivedbylabel } from "./coins/getreceivedbylabel.ts";
import { listlockunspent } from "./coins/listlockunspent.ts";
import { listunspent } from "./coins/listunspent.ts";
import { lockunspent } from "./coins/lockunspent.ts";
import { createwalletdescriptor } from "./descriptors/createwalletdescriptor.ts";
import { gethdkeys } from "./descriptors/gethdkeys.ts";
import { importdescriptors } from "./descriptors/importdescriptors.ts";
import { listdescriptors } from "./descriptors/listdescriptors.ts";
import { encryptwallet } from "./encryption/encryptwallet.ts";
import { walletlock } from "./encryption/walletlock.ts";
import { walletpassphrase } from "./encryption/walletpassphrase.ts";
import { walletpassphrasechange } from "./encryption/walletpassphrasechange.ts";
import { backupwallet } from "./manage/backupwallet.ts";
import { createwallet } from "./manage/createwallet.ts";
import { getwalletinfo } from "./manage/getwalletinfo.ts";
import { listwalletdir } from "./manage/listwalletdir.ts";
import { listwallets } from "./manage/listwallets.ts";
import { loadwallet } from "./manage/loadwallet.ts";
import { restorewallet } from "./manage/restorewallet.ts";
import { setwalletflag } from "./manage/setwalletflag.ts";
import { unloadwallet } from "./manage/unloadwallet.ts";
import { bumpfee } from "./spending/bumpfee.ts";
import { fundrawtransaction } from "./spending/fundrawtransaction.ts";
import { psbtbumpfee } from "./spending/psbtbumpfee.ts";
import { send } from "./spending/send.ts";
import { sendall } from "./spending/sendall.ts";
import { sendmany } from "./spending/sendmany.ts";
import { sendtoaddress } from "./spending/sendtoaddress.ts";
import { signrawtransactionwithwallet } from "./spending/signrawtransactionwithwallet.ts";
import { simulaterawtransaction } from "./spending/simulaterawtransaction.ts";
import { walletcreatefundedpsbt } from "./spending/walletcreatefundedpsbt.ts";
import { walletprocesspsbt } from "./spending/walletprocesspsbt.ts";
import { abandontransaction } from "./transactions/abandontransaction.ts";
import { abortrescan } from "./transactions/abortrescan.ts";
import { gettransaction } from "./transactions/gettransaction.ts";
import { importprunedfunds } from "./transactions/importprunedfunds.ts";
import { listreceivedbyaddress } from "./transactions/listreceivedbyaddress.ts";
import { listreceivedbylabel } from "./transactions/listreceivedbylabel.ts";
import { listsinceblock } from "./transactions/listsinceblock.ts";
import { listtransactions } from "./transactions/listtransactions.ts";
import { removeprunedfunds } from "./transactions/removeprunedfunds.ts";
import { rescanblockchain } from "./transactions/rescanblockchain.ts";

export const WALLET_METHODS: readonly Method[] = [
  abandontransaction,
  abortrescan,
  backupwallet,
  bumpfee,
  createwallet,
  createwalletdescriptor,
  encryptwallet,
  fundrawtransaction,
  getaddressesbylabel,
  getaddressinfo,
  getbalance,
  getbalances,
  gethdkeys,
  getnewaddress,
  getrawchangeaddress,
  getreceivedbyaddress,
  getreceivedbylabel,
  gettransaction,
  getwalletinfo,
  importdescriptors,
  importprunedfunds,
  keypoolrefill,
  listaddressgroupings,
  listdescriptors,
  listlabels,
  listlockunspent,
  listreceivedbyaddress,
  listreceivedbylabel,
  listsinceblock,
  listtransactions,
  listunspent,
  listwalletdir,
  listwallets,
  loadwallet,
  lockunspent,
  psbtbumpfee,
  removeprunedfunds,
  rescanblockchain,
  restorewallet,
  send,
  sendall,
  sendmany,
  sendtoaddress,
  setlabel,
  setwalletflag,
  signmessage,
  signrawtransactionwithwallet,
  simulaterawtransaction,
  unloadwallet,
  walletcreatefundedpsbt,
  walletdisplayaddress,
  walletlock,
  walletpassphrase,
  walletpassphrasechange,
  walletprocesspsbt,
];
