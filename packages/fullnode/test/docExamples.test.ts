import * as core from "@chain/core";
import { METHODS, RpcServer } from "@chain/rpc";
import { testDocExamples } from "@chain/testing/docExamples";
import { startDoorNode } from "@chain/testing/doorNode";
import { GENESIS, newChain, temporaryDirectory } from "@chain/testing/place";
import * as fullnode from "../src/index.ts";

testDocExamples("fullnode", fullnode, async () => {
  const [alice, bob] = [await fullnode.createNode(), await fullnode.createNode()];
  const { host } = await startDoorNode(0);
  const directory = await temporaryDirectory();
  return {
    ...{
      ...core,
      METHODS,
      RpcServer,
      alice,
      bob,
      host,
      node: alice,
      chain: alice.chain,
      directory,
    },
    genesis: GENESIS,
    identity: await newChain(),
    transaction: GENESIS.transactions[0],
    payTo: core.p2pkhScript(new Uint8Array(20)),
    say: () => {},
    end: () => Promise.all([alice.close(), bob.close()]),
  };
});
