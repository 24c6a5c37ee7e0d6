import { defineMethod, type Method } from "../../define/method.ts";
import { dict, flag } from "../../define/result.ts";
import { list, string } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { HeaderHost, LogCategories } from "../../host.ts";

/** Names for all categories. */
const ALL: ReadonlySet<string> = new Set(["", "1", "all"]);

export const logging: Method<HeaderHost> = defineMethod({
  name: "logging",
  category: "control",
  description:
    'Gets and sets the logging configuration.\nWhen called without an argument, returns the list of categories with status that are currently being debug logged or not.\nWhen called with arguments, adds or removes categories from debug logging and return the lists above.\nThe arguments are evaluated in order "include", "exclude".\nIf an item is both included and excluded, it will thus end up being excluded.\nIn addition, "all" and "1" represent all logging categories.',
  arguments: [
    list("include", string("include_category", { text: "the valid logging category" }), {
      text: "The categories to add to debug logging",
      optional: true,
    }),
    list("exclude", string("exclude_category", { text: "the valid logging category" }), {
      text: "The categories to remove from debug logging",
      optional: true,
    }),
  ],
  results: [
    {
      schema: dict(
        flag("if being debug logged or not. false:inactive, true:active"),
        "keys are the logging categories, and values indicates its status",
        "category",
      ),
    },
  ],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "there is no such category" }],
  examples: [[["all"], ["http"]]],
  run: ({ include = [], exclude = [] }, { logging: categories }) => {
    for (const name of include) set(categories, name, true);
    for (const name of exclude) set(categories, name, false);
    const all = [...(categories?.all() ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(all);
  },
});

function set(categories: LogCategories | undefined, name: string, wanted: boolean): void {
  const known = [...(categories?.all().keys() ?? [])];
  const named = ALL.has(name) ? known : known.filter((each) => each === name);
  if (categories === undefined || named.length === 0) {
    throw new RpcError(RPC_INVALID_PARAMETER, `unknown logging category ${name}`);
  }
  for (const each of named) categories.set(each, wanted);
}
