import { testDocExamples } from "@chain/testing/docExamples";
import * as client from "../src/client.ts";
import { num } from "../src/define/result.ts";
import * as rpc from "../src/index.ts";
import { startHost } from "./support/host.ts";

testDocExamples("rpc", { ...rpc, ...client }, async () => {
  const { host, server, chain, mine } = await startHost();
  await mine(1);
  const fetch = async (_: string, { body }: { body: string }) => {
    const answer = await server.answer(body);
    return new Response(answer.body, { status: answer.status });
  };
  return { host, server, chain, fetch, num };
});
