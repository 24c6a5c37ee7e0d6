import type { Descriptor } from "@chain/wallet/descriptors";
import { argument } from "../../define/argument.ts";
import { defineMethod, type Method } from "../../define/method.ts";
import { list, text } from "../../define/result.ts";
import { string } from "../../define/types.ts";
import { RPC_INVALID_ADDRESS_OR_KEY, RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";
import { EXAMPLE_DESCRIPTOR, rangeType, requireDescriptors } from "../descriptors.ts";

export const deriveaddresses: Method<HeaderHost> = defineMethod({
  name: "deriveaddresses",
  category: "util",
  description: "Derives one or more addresses corresponding to an output descriptor.",
  arguments: [
    string("descriptor", { text: "The descriptor." }),
    argument("range", rangeType, {
      text: "If a ranged descriptor is used, this specifies the end or the range (in [begin,end] notation) to derive.",
      optional: true,
    }),
  ],
  results: [
    {
      when: "for single derivation descriptors",
      schema: list(text("An address"), "The derived addresses"),
    },
    {
      when: "for multipath descriptors",
      schema: list(list(text("An address"), "Those of one path"), "The derived addresses by path"),
    },
  ],
  errors: [
    { code: RPC_INVALID_ADDRESS_OR_KEY, when: "it is no descriptor, or has no addresses" },
    { code: RPC_INVALID_PARAMETER, when: "the range is none, or not wanted, or missing" },
  ],
  examples: [[EXAMPLE_DESCRIPTOR, [0, 2]]],
  run: ({ descriptor, range }, { chain }) => {
    const options = { requireChecksum: true };
    const { descriptors } = requireDescriptors(descriptor, chain.params, options);
    const isRange = descriptors[0]?.isRange ?? false;
    if (!isRange && range !== undefined) {
      const message = "Range should not be specified for an un-ranged descriptor";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    if (isRange && range === undefined) {
      const message = "Range must be specified for a ranged descriptor";
      throw new RpcError(RPC_INVALID_PARAMETER, message);
    }
    const [begin, end] = range ?? [0, 0];
    const derived = descriptors.map((each) => addressesOf(each, begin, end));
    return derived.length === 1 ? (derived[0] ?? []) : derived;
  },
});

function addressesOf(descriptor: Descriptor, begin: number, end: number): readonly string[] {
  const all: string[] = [];
  for (let index = begin; index <= end; index++) {
    const derived = descriptor.addresses(index);
    if (!derived.ok) throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, derived.reason);
    all.push(...derived.addresses);
  }
  return all;
}
