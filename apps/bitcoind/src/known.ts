/** The options of Bitcoin Core's bitcoind, by name without the hyphen. */
import type { KnownOptions } from "@chain/terminal/bitcoin";

/** Those that do something here. */
export const OBEYED: ReadonlySet<string> = new Set(
  `acceptnonstdtxn addnode alertnotify bantime bind blocknotify blocksonly chain conf connect daemon daemonwait datacarrier
  datacarriersize datadir debug debugexclude debuglogfile dnsseed dustrelayfee help includeconf incrementalrelayfee
  limitancestorcount limitancestorsize listen networkactive onion proxy proxyrandomize rpccookieperms limitdescendantcount limitdescendantsize
  logtimemicros logtimestamps maxconnections maxmempool maxuploadtarget mempoolexpiry minimumchainwork minrelaytxfee mocktime peertimeout
  persistmempool permitbaremultisig pid port printtoconsole regtest rest rpcallowip rpcauth rpcbind rpccookiefile rpcpassword rpcport
  rpcservertimeout rpcthreads rpcuser rpcwhitelist rpcwhitelistdefault rpcworkqueue seednode shutdownnotify signet
  startupnotify testactivationheight testnet4 uacomment version whitelist
  whitelistforcerelay whitelistrelay zmqpubhashblock zmqpubhashblockhwm
  zmqpubhashtx zmqpubhashtxhwm zmqpubrawblock zmqpubrawblockhwm zmqpubrawtx zmqpubrawtxhwm zmqpubsequence
  zmqpubsequencehwm`.split(/\s+/),
);

/** Those that Core knows, and that change nothing here. */
export const IGNORED: ReadonlySet<string> = new Set(
  `acceptstalefeeestimates addresstype allowignoredconf asmap assumevalid avoidpartialspends blockfilterindex
  blockmaxweight blockmintxfee blockreconstructionextratxn blockreservedweight blocksdir blocksxor blockversion
  bytespersigop capturemessages changetype checkaddrman checkblockindex checkblocks checklevel checkmempool
  checkpoints cjdnsreachable coinstatsindex consolidatefeerate dbbatchsize dbcache dblogsize deprecatedrpc
  disablewallet discardfee discover dns externalip fallbackfee fastprune fixedseeds flushwallet forcednsseed
  i2pacceptincoming ipcbind keypool limitclustercount limitclustersize
    listenonion loadblock logips loglevel loglevelalways logratelimit
  logsourcelocations logthreadnames maxapsfee maxorphantx maxreceivebuffer maxsendbuffer maxsigcachesize
  maxtipage maxtxfee mintxfee natpmp par paytxfee peerblockfilters
  peerbloomfilters persistmempoolv1 printpriority privatebroadcast privdb prune
  reindex reindex-chainstate rpcdoccheck server settings shrinkdebugfile signer signetchallenge
  signetseednode spendzeroconfchange stopafterblockimport stopatheight swapbdbendian test testnet timeout torcontrol
  torpassword txconfirmtarget txindex txospenderindex txreconciliation unsafesqlitesync upnp v2transport vbparams
  wallet walletbroadcast walletcrosschain walletdir walletnotify walletrbf walletrejectlongchains whitebind`.split(
    /\s+/,
  ),
);

/** Those that a node must not ignore, because it would call peers that its operator does not want called. */
export const REFUSED: readonly string[] = ["i2psam", "onlynet"];

/** All that may be given. */
export const KNOWN: KnownOptions = { obeyed: new Set([...OBEYED, ...REFUSED]), ignored: IGNORED };
