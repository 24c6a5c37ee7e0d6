/** Data of Bitcoin's main network for the examples of help texts. */

export const EXAMPLE_BLOCK = "00000000c937983704a73af28acdec37b049d214adbda81d7e2a3dd146f6ed09";
export const EXAMPLE_TXID = "0e3e2357e806b6cdb1f70b54c3a3a17b6714ee1f0e68bebb44a74b1efd512098";
export const EXAMPLE_ADDRESS = "bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl";
