/** From Core's options to what the mempool takes and what blocks of the node hold. */
import { MAX_BLOCK_WEIGHT } from "@chain/core";
import { type Identity, type NodeConfig, UserError } from "@chain/fullnode";
import type { Settings } from "@chain/terminal/bitcoin";
import { rate, wholeNumber, withoutUndefined } from "./values.ts";

/** Core: MAX_OP_RETURN_RELAY, DEFAULT_MIN_RELAY_TX_FEE, DEFAULT_INCREMENTAL_RELAY_FEE of version 29.3. */
const DATA_CARRIER_SIZE = 83;
/** Of a node for blocks alone. Core: DEFAULT_BLOCKSONLY_MAX_MEMPOOL_SIZE_MB. */
const BLOCKS_ONLY_MEMPOOL = 5_000_000;
const MIN_RELAY_FEE_RATE = 100n;
const INCREMENTAL_RELAY_FEE_RATE = 100n;
/** Weight units. Core: MINIMUM_BLOCK_RESERVED_WEIGHT. */
const MIN_RESERVED_WEIGHT = 2000;
/** Core: DEFAULT_BLOCK_MIN_TX_FEE of version 29.3. */
const BLOCK_MIN_FEE_RATE = 1n;

/** As in Core, a node of regtest asks for transactions of the usual forms, unless told otherwise. */
export function policy(settings: Settings, identity: Identity): NonNullable<NodeConfig["policy"]> {
  const size = wholeNumber(settings, "datacarriersize") ?? DATA_CARRIER_SIZE;
  const dust = rate(settings, "dustrelayfee");
  const incremental = rate(settings, "incrementalrelayfee");
  // Core: where the incremental rate alone is given and is higher, it is the minimum as well.
  const least = incremental ?? 0n;
  return {
    requireStandard: !settings.flag("acceptnonstdtxn", false),
    minRelayFeeRate:
      rate(settings, "minrelaytxfee") ?? (least > MIN_RELAY_FEE_RATE ? least : MIN_RELAY_FEE_RATE),
    maxDataCarrierSize: settings.flag("datacarrier", true) ? size : 0,
    permitBareMultisig: settings.flag("permitbaremultisig", true),
    ...withoutUndefined({ bytesPerSigop: wholeNumber(settings, "bytespersigop") }),
    blockMinFeeRate: rate(settings, "blockmintxfee") ?? BLOCK_MIN_FEE_RATE,
    ...ownBlocks(settings, identity),
    ...(dust !== undefined && { dustRelayFeeRate: dust }),
    incrementalRelayFeeRate: incremental ?? INCREMENTAL_RELAY_FEE_RATE,
  };
}

/** Of blocks that the node makes. Core: AppInitParameterInteraction, BlockAssembler::CreateNewBlock. */
function ownBlocks(
  settings: Settings,
  { network }: Identity,
): Pick<NonNullable<NodeConfig["policy"]>, "blockMaxWeight" | "blockReservedWeight"> {
  const weight = (name: string) => {
    const value = wholeNumber(settings, name);
    if (value === undefined || value <= MAX_BLOCK_WEIGHT) return value;
    const most = `exceeds consensus maximum block weight (${MAX_BLOCK_WEIGHT})`;
    throw new UserError("usage", `Specified -${name} (${value}) ${most}`);
  };
  const blockMaxWeight = weight("blockmaxweight");
  const blockReservedWeight = weight("blockreservedweight");
  if (blockReservedWeight !== undefined && blockReservedWeight < MIN_RESERVED_WEIGHT) {
    const least = `is lower than minimum safety value of (${MIN_RESERVED_WEIGHT})`;
    const what = `Specified -blockreservedweight (${blockReservedWeight})`;
    throw new UserError("usage", `${what} ${least}`);
  }
  const blockVersion = network.isForRegressionTests
    ? wholeNumber(settings, "blockversion")
    : undefined;
  return withoutUndefined({ blockMaxWeight, blockReservedWeight, blockVersion });
}

/** Core: ApplyArgsManOptions (node/mempool_args.cpp), and the parameter interaction of -blocksonly. */
export function mempoolLimits(settings: Settings): NonNullable<NodeConfig["mempool"]> {
  const scaled = (name: string, unit: number) => {
    const value = wholeNumber(settings, name);
    return value === undefined ? undefined : value * unit;
  };
  const forBlocks = settings.flag("blocksonly", false) ? BLOCKS_ONLY_MEMPOOL : undefined;
  const maxMemory = scaled("maxmempool", 1_000_000) ?? forBlocks;
  const maxDescendantSize = scaled("limitdescendantsize", 1000);
  const least = (maxDescendantSize ?? 101_000) * 40;
  if (maxMemory !== undefined && maxMemory < least) {
    const why = `-maxmempool must be at least ${Math.ceil(least / 1_000_000)} MB`;
    throw new UserError("usage", why);
  }
  return withoutUndefined({
    maxMemory,
    maxDescendantSize,
    maxAncestorCount: scaled("limitancestorcount", 1),
    maxAncestorSize: scaled("limitancestorsize", 1000),
    maxDescendantCount: scaled("limitdescendantcount", 1),
    expiry: scaled("mempoolexpiry", 60 * 60 * 1000),
  });
}
