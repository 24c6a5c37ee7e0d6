/** Proofs that transactions of watched scripts are in the chain. */
import { type BlockHash, bytesToHex, type Txid } from "@chain/core";
import { present } from "@chain/core/arguments";
import { encodeMerkleBlock } from "@chain/light";
import type { Method } from "../define/method.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../errors.ts";
import { gettxoutproof } from "../methods/blockchain/gettxoutproof.ts";
import type { LightHost } from "./host.ts";
import { answered } from "./method.ts";

export const PROOFS: readonly Method<LightHost>[] = [
  answered<{ readonly txids: readonly Txid[]; readonly blockhash: BlockHash | undefined }>({
    method: gettxoutproof,
    description:
      'Returns a hex-encoded proof that "txid" was included in a block, where it is a transaction of the watched scripts.\nA light node keeps the path of each by itself, so it gives a proof of one at a time.',
    run: ({ txids, blockhash }, { chain, light }) => {
      const [txid, ...others] = txids;
      if (txid === undefined || others.length > 0) {
        throw new RpcError(RPC_INVALID_PARAMETER, "a light node proves one transaction at a time");
      }
      const found = light.transaction(txid);
      const isThere = blockhash === undefined || found?.proof.blockHash === blockhash;
      if (found === undefined || !isThere) {
        const message = "No transaction of the watched scripts has this id in a block";
        throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
      }
      const node = present(chain.headers.get(found.proof.blockHash), "the header of a found block");
      return bytesToHex(encodeMerkleBlock(found, node.header));
    },
  }),
];
