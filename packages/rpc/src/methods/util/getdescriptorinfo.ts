import { defineMethod, type Method } from "../../define/method.ts";
import { flag, list, maybe, obj, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { EXAMPLE_DESCRIPTOR, requireDescriptors } from "../descriptors.ts";

export const getdescriptorinfo: Method<HeaderHost> = defineMethod({
  name: "getdescriptorinfo",
  category: "util",
  description: "Analyses a descriptor.",
  arguments: [string("descriptor", { text: "The descriptor." })],
  results: [
    {
      schema: obj({
        descriptor: text(
          "The descriptor in canonical form, without private keys; of several, the first",
        ),
        multipath_expansion: maybe(
          list(text("A descriptor"), "All that a descriptor with several paths means"),
        ),
        checksum: text("The checksum for the input descriptor"),
        isrange: flag("Whether the descriptor is ranged"),
        issolvable: flag("Whether the descriptor is solvable"),
        hasprivatekeys: flag("Whether the input descriptor contained at least one private key"),
      }),
    },
  ],
  errors: [{ code: RPC_INVALID_ADDRESS_OR_KEY, when: "it is no descriptor: the message says why" }],
  examples: [[EXAMPLE_DESCRIPTOR]],
  run: ({ descriptor }, { chain }) => {
    const { descriptors, checksum } = requireDescriptors(descriptor, chain.params);
    const [first] = descriptors;
    return {
      descriptor: String(first),
      ...(descriptors.length > 1 && { multipath_expansion: descriptors.map(String) }),
      checksum,
      isrange: first?.isRange ?? false,
      issolvable: first?.isSolvable ?? false,
      hasprivatekeys: first?.hasPrivateKeys ?? false,
    };
  },
});
