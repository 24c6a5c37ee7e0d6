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
  readonly reject: (error: Error) => void;
}

interface Reply {
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string } | null;
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
      return resultOf((await exchange(request({ method, params }, id))) as Reply);
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
            const replies = await exchange([...pending].map(([id, each]) => request(each, id)));
            settle(pending, replies);
          } catch (error) {
            for (const { reject } of pending.values()) reject(error as Error);
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

function resultOf({ result, error }: Reply): unknown {
  if (error !== undefined && error !== null) throw new RpcError(error.code, error.message);
  return result;
}

/** Replies may come in any order. A call without one, and all of a batch that is refused whole, fail. */
function settle(pending: Map<number, Pending>, replies: unknown): void {
  // A batch that is refused whole has one answer, and that is an error.
  if (!Array.isArray(replies)) resultOf((replies ?? {}) as Reply);
  const byId = new Map((replies as readonly Reply[]).map((reply) => [reply.id, reply]));
  for (const [id, { method, resolve, reject }] of pending) {
    const reply = byId.get(id);
    if (reply === undefined) {
      reject(new RpcTransportError(`the node gave no answer to ${method}`));
      continue;
    }
    try {
      resolve(resultOf(reply));
    } catch (error) {
      reject(error as RpcError);
    }
  }
}
