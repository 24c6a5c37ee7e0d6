/** Numbers of the peer-to-peer protocol. Core: node/protocol_version.h, protocol.h, net.h, net_processing.cpp. */

/** The version that we speak: 70016, as far as messages of this package go. */
export const PROTOCOL_VERSION = 70_016;
/** Peers below it are too old to talk to. Core: MIN_PEER_PROTO_VERSION. */
export const MIN_PROTOCOL_VERSION = 31_800;
/** Above it, `ping` carries a nonce and is answered by `pong` (BIP-0031). */
export const BIP31_VERSION = 60_000;
/** From it on a peer understands `sendheaders` (BIP-0130). */
export const SENDHEADERS_VERSION = 70_012;
/** From it on a peer understands `feefilter` (BIP-0133). */
export const FEEFILTER_VERSION = 70_013;
/** From it on a peer understands `sendcmpct` (BIP-0152). */
export const SHORT_IDS_BLOCKS_VERSION = 70_014;
/** From it on a peer understands `wtxidrelay` (BIP-0339) and `sendaddrv2` (BIP-0155). */
export const WTXID_RELAY_VERSION = 70_016;
/** From this version on a peer may be told why something was refused (BIP-0061); Core gave it up. */
export const REJECT_VERSION = 70_002;
/** The one version of compact blocks that we speak: with witnesses. Core: CMPCTBLOCKS_VERSION. */
export const COMPACT_BLOCKS_VERSION = 2n;

/** Service bit: serves the full chain. */
export const NODE_NETWORK = 1n;
/** Service bit: sends a peer only what matches its Bloom filter (BIP-0037, BIP-0111). */
export const NODE_BLOOM = 4n;
/** Service bit: serves witnesses (BIP-0144). */
export const NODE_WITNESS = 8n;
/** Service bit: serves block filters (BIP-0157). */
export const NODE_COMPACT_FILTERS = 64n;
/** Service bit: serves at least the last 288 blocks (BIP-0159). */
export const NODE_NETWORK_LIMITED = 1024n;

/** Largest payload of any message, in bytes. Core: MAX_PROTOCOL_MESSAGE_LENGTH. */
export const MAX_PAYLOAD = 4_000_000;
/** Most items in `inv`, `getdata` and `notfound`. Core: MAX_INV_SZ. */
export const MAX_INVENTORY_ITEMS = 50_000;
/** Most headers in a `headers` message; as many mean that there are more. Core: MAX_HEADERS_RESULTS. */
export const MAX_HEADERS = 2_000;
/** The one type of block filter that there is (BIP-0158). */
export const BASIC_FILTER = 0;
/** Most blocks of which one `getcfilters` may ask the filters. Core: MAX_GETCFILTERS_SIZE. */
export const MAX_FILTERS = 1_000;
/** Most hashes in a `cfheaders` message. Core: MAX_GETCFHEADERS_SIZE. */
export const MAX_FILTER_HEADERS = 2_000;
/** Every so many blocks there is a header in `cfcheckpt`. Core: CFCHECKPT_INTERVAL. */
export const FILTER_CHECKPOINT_BLOCKS = 1_000;
/** Most bytes of a Bloom filter. Core: MAX_BLOOM_FILTER_SIZE. */
export const MAX_BLOOM_FILTER_SIZE = 36_000;
/** Most hash functions of a Bloom filter. Core: MAX_HASH_FUNCS. */
export const MAX_BLOOM_HASH_FUNCTIONS = 50;
/** Most addresses in an `addr` or `addrv2` message. Core: MAX_ADDR_TO_SEND. */
export const MAX_ADDRESSES = 1_000;
/** Most bytes of an address in `addrv2`, of any network (BIP-0155). */
export const MAX_ADDRV2_SIZE = 512;
/** Most transactions that a compact block can name (BIP-0152: indexes have 16 bits). */
export const MAX_COMPACT_TRANSACTIONS = 65_535;
/** Most hashes in a block locator. Core: MAX_LOCATOR_SZ. */
export const MAX_LOCATOR_HASHES = 101;
/** Most bytes of a user agent. Core: MAX_SUBVERSION_LENGTH. */
export const MAX_USER_AGENT = 256;
/** Most bytes of the reason in `reject`. Core, while it had it: MAX_REJECT_MESSAGE_LENGTH. */
export const MAX_REJECT_REASON = 111;
