import { defineMethod, type Method } from "../../define/method.ts";
import { list, num, obj, text, time } from "../../define/result.ts";

export const listbanned: Method = defineMethod({
  name: "listbanned",
  category: "network",
  description: "List all manually banned IPs/Subnets.",
  arguments: [],
  results: [
    {
      schema: list(
        obj({
          address: text("The IP/Subnet of the banned node"),
          ban_created: time("When it was banned, in seconds since 1970"),
          banned_until: time("When the ban ends, in seconds since 1970"),
          ban_duration: num("The ban duration, in seconds"),
          time_remaining: num("The time remaining until the ban expires, in seconds"),
        }),
        "The bans",
      ),
    },
  ],
  examples: [[]],
  run: (_, { chain, node }) => {
    const seconds = Math.floor(chain.now / 1000);
    return node.bans.list(chain.now).map(({ subnet, createdAt, until }) => ({
      address: subnet,
      ban_created: createdAt,
      banned_until: until,
      ban_duration: until - createdAt,
      time_remaining: until - seconds,
    }));
  },
});
