/** Calls over a channel that carries texts: requests, batches, and errors of either side. */
import { ChainError } from "@chain/core";
import { RpcError } from "../errors.ts";

/** The other side could not be reached, or did not answer in JSON-RPC. */
export class RpcTransportError extends ChainError<"no-answer"> {
  override readonly name = "RpcTransportError";
  /** HTTP status, if there was an answer: 401 for wrong credentials, 503 for a busy node. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super("no-answer", message, options);
    this.status = status;
  }
}

export interface RpcCaller {
  /**
   * Calls a method by its name, parameters by position or by name.
   * @throws RpcError the node's answer; RpcTransportError where there is none
   */
  call(
    method: string,
    params?: readonly unknown[] | Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
}

export type Post = (body: string) => Promise<{ readonly status: number; readonly text: string }>;

interface Pending {
  readonly method: string;
  readonly params: readonly unknown[] | Readonly<Record<string, unknown>>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Reply {
  readonly id: unknown;
  readonly result: unknown;
  readonly error: RpcError | undefined;
}

export function connect(post: Post): RpcCaller & {
  /** Gathers calls, which go out together by `send`. */
  collect(): RpcCaller & { send(): Promise<void> };
} {
  let last = 0;
  const request = ({ method, params }: Pick<Pending, "method" | "params">, id: number) => ({
    jsonrpc: "2.0",
    id,
    method,
    params,
  });
  const exchange = async (body: unknown): Promise<unknown> => {
    let answer: Awaited<ReturnType<Post>>;
    try {
      answer = await post(JSON.stringify(body));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RpcTransportError(`the node can't be reached: ${why}`, undefined, { cause: error });
    }
    return parse(answer);
  };
  return {
    call: async (method, params = []) => {
      const id = ++last;
      const reply = readReply(await exchange(request({ method, params }, id)));
      // An error without an id is of a request that the node could not read.
      const isOurs = reply?.id === id || (reply?.id === null && reply.error !== undefined);
      if (reply === undefined || !isOurs) throw noReply(method);
      return resultOf(reply);
    },
    collect: () => {
      const pending = new Map<number, Pending>();
      return {
        call: (method, params = []) =>
          new Promise((resolve, reject) => {
            pending.set(++last, { method, params, resolve, reject });
          }),
        send: async () => {
          if (pending.size === 0) return;
          try {
            settle(pending, await exchange([...pending].map(([id, each]) => request(each, id))));
          } catch (error) {
            for (const { reject } of pending.values()) reject(error);
          }
        },
      };
    },
  };
}

function parse({ status, text }: { readonly status: number; readonly text: string }): unknown {
  if (status === 401) throw new RpcTransportError("the node refuses the user or password", status);
  try {
    return JSON.parse(text);
  } catch (error) {
    const sentence = text.trim().slice(0, 200) || "no JSON";
    throw new RpcTransportError(`HTTP ${status}: ${sentence}`, status, { cause: error });
  }
}

function noReply(method: string): RpcTransportError {
  return new RpcTransportError(`the node gave no answer to ${method}`);
}

/** One reply of JSON-RPC, 1.1 or 2.0; `undefined` if it is none, because any server may have the port. */
function readReply(value: unknown): Reply | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { id, result, error }: { id?: unknown; result?: unknown; error?: unknown } = value;
  if (error === undefined || error === null) {
    return result === undefined ? undefined : { id, result, error: undefined };
  }
  if (typeof error !== "object" || !("code" in error && "message" in error)) return undefined;
  const { code, message } = error;
  if (typeof code !== "number" || typeof message !== "string") return undefined;
  return { id, result: undefined, error: new RpcError(code, message) };
}

function resultOf({ result, error }: Reply): unknown {
  if (error !== undefined) throw error;
  return result;
}

/** Replies may come in any order. A call without one, and all of a batch that is refused whole, fail. */
function settle(pending: ReadonlyMap<number, Pending>, answer: unknown): void {
  // A batch that is refused whole has one answer, and that is an error.
  const refusal = readReply(answer)?.error;
  if (refusal !== undefined) throw refusal;
  const replies = (Array.isArray(answer) ? answer : []).map(readReply);
  const byId = new Map(replies.map((reply) => [reply?.id, reply]));
  for (const [id, { method, resolve, reject }] of pending) {
    const reply = byId.get(id);
    if (reply === undefined) reject(noReply(method));
    else if (reply.error !== undefined) reject(reply.error);
    else resolve(reply.result);
  }
}
