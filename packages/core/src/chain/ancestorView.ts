import type { BlockHash } from "../ids.ts";
import type { Seconds } from "../units.ts";

/** A block of the chain that a contextual rule looks at, and its ancestors. `HeaderNode` is one. */
export interface AncestorView {
  readonly hash: BlockHash;
  /** Of its header, as in BlockHeaderFields. */
  readonly version: number;
  readonly time: Seconds;
  readonly bits: number;
  readonly height: number;
  /** Median time of this block and the ten before it, in seconds since 1970 (BIP-0113). */
  readonly medianTimePast: number;
  /** The block at that height on the way down to the genesis block, this one included. */
  ancestor(height: number): AncestorView | undefined;
}
