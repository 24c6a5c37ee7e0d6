import type { BlockHash, HeaderNode, Milliseconds } from "@chain/core";
import type { BoundedSet } from "../kit/boundedSet.ts";

/** The state of the download from one peer. */
export interface PeerBlocks {
  readonly witness: boolean;
  readonly pruned: boolean;
  /** Whether it says that it has blocks. */
  readonly serves: boolean;
  readonly inFlight: Set<BlockHash>;
  /** Those of them that are here and wait to be checked: meanwhile the peer is not late. */
  readonly unchecked: Set<BlockHash>;
  /** When it was first asked, or last done with a block. Core: m_downloading_since. Milliseconds. */
  since: Milliseconds;
  /**
   * Since when another peer with nothing to do waits for this one, because the window is used up. Core:
   * m_stalling_since. Milliseconds.
   */
  stallingSince: Milliseconds | undefined;
  /** Last block on the way to the peer's best one whose bodies we have without a gap. */
  common: HeaderNode;
  /** Blocks that it said it does not have. */
  readonly lacking: BoundedSet<BlockHash>;
  /** When the first of them was noted. Milliseconds. */
  lackingSince: Milliseconds;
  /** Others had to take over from it, and nothing good has come from it since. */
  unreliable: boolean;
}
