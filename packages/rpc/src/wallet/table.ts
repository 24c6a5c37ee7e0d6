/** All methods of wallets. One that is added stands here and in a file of its own. */
import type { Method } from "../define/method.ts";
import { getaddressesbylabel } from "./addresses/getaddressesbylabel.ts";
import { getaddressinfo } from "./addresses/getaddressinfo.ts";
import { getnewaddress } from "./addresses/getnewaddress.ts";
import { getrawchangeaddress } from "./addresses/getrawchangeaddress.ts";
import { keypoolrefill } from "./addresses/keypoolrefill.ts";
import { listlabels } from "./addresses/listlabels.ts";
import { setlabel } from "./addresses/setlabel.ts";
import { signmessage } from "./addresses/signmessage.ts";
import { walletdisplayaddress } from "./addresses/walletdisplayaddress.ts";
import { createwalletdescriptor } from "./descriptors/createwalletdescriptor.ts";
import { gethdkeys } from "./descriptors/gethdkeys.ts";
import { listdescriptors } from "./descriptors/listdescriptors.ts";
import { encryptwallet } from "./encryption/encryptwallet.ts";
import { walletlock } from "./encryption/walletlock.ts";
import { walletpassphrase } from "./encryption/walletpassphrase.ts";
import { walletpassphrasechange } from "./encryption/walletpassphrasechange.ts";
import { backupwallet } from "./manage/backupwallet.ts";
import { createwallet } from "./manage/createwallet.ts";
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

export const WALLET_METHODS: readonly Method[] = [
  backupwallet,
  bumpfee,
  createwallet,
  createwalletdescriptor,
  encryptwallet,
  fundrawtransaction,
  getaddressesbylabel,
  getaddressinfo,
  gethdkeys,
  getnewaddress,
  getrawchangeaddress,
  keypoolrefill,
  listdescriptors,
  listlabels,
  listwalletdir,
  listwallets,
  loadwallet,
  psbtbumpfee,
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
