import { defineMethod, type Method } from "../../define/method.ts";
import { list, num, obj, text } from "../../define/result.ts";

export const getzmqnotifications: Method = defineMethod({
  name: "getzmqnotifications",
  category: "zmq",
  description: "Returns information about the active ZeroMQ notifications.",
  arguments: [],
  results: [
    {
      schema: list(
        obj({
          type: text("Type of notification"),
          address: text("Address of the publisher"),
          hwm: num("Outbound message high water mark"),
        }),
        "The topics that are published, each with its address",
      ),
    },
  ],
  examples: [[]],
  run: (_, { zmq = [] }) => [...zmq],
});
