import { type Category, defineMethod, type Method } from "../../define/method.ts";
import { anything } from "../../define/result.ts";
import { openRpcDocument } from "../../documents/openrpc.ts";

export function documentMethod(name: string, category: Category): Method {
  return defineMethod({
    name,
    category,
    description: "Returns an OpenRPC document that describes the methods of this server.",
    arguments: [],
    results: [{ schema: anything("The document: see https://spec.open-rpc.org") }],
    examples: [[]],
    run: (_, { software }, { methods }) =>
      openRpcDocument([...methods.values()], String(software.version)),
  });
}
