import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { requireInteger } from "@chain/core/arguments";
import {
  encodeScriptJobs,
  type ScriptJob,
  type ScriptRun,
  type ScriptWorkers,
} from "@chain/engine";
import { workerFile } from "./workerFile.ts";

/** Core: MAX_SCRIPTCHECK_THREADS. */
const MAX_THREADS = 16;
/**
 * Inputs of a batch: at 50 microseconds each they take a thread 1.6 ms, of which a message to it and back is a
 * twentieth.
 */
const INPUTS_AT_ONCE = 32;

/**
 * Worker threads that run scripts. They start once there is much to do, and keep no process alive.
 * @param threads in all, this one included; 0: as many as the machine runs at once, fewer than 0: so many fewer. Core:
 *   -par
 * @param file the program of a thread; default: the one of this package
 * @returns `undefined` where there is to be no other thread, or this package runs from its sources
 * @example
 * const workers = openScriptWorkers(1);
 * workers // undefined: this thread does all
 */
export function openScriptWorkers(
  threads: number,
  file: URL | undefined = workerFile(),
): ScriptWorkers | undefined {
  requireInteger(threads, "threads", -1024, 1024);

  const all = threads > 0 ? threads : availableParallelism() + threads;
  const count = Math.min(all, MAX_THREADS) - 1;
  return count < 1 || file === undefined ? undefined : new WorkerPool(count, file);
}

/** Jobs that go to a thread together. */
interface Batch {
  readonly jobs: readonly ScriptJob[];
  /** The thread has answered, or will not. @param passed those that pass */
  readonly resolve: (passed: readonly ScriptJob[]) => void;
  readonly thread: Thread;
  readonly id: number;
}

/** A chain with fewer inputs is checked before threads are ready. */
const LEAST_INPUTS = 1_000;

class WorkerPool implements ScriptWorkers {
  readonly #count: number;
  readonly #file: URL;
  #threads: Thread[] | undefined;
  /** Inputs that it was handed before its threads were started. */
  #inputs = 0;

  constructor(count: number, file: URL) {
    this.#count = count;
    this.#file = file;
  }

  run(jobs: readonly ScriptJob[]): ScriptRun {
    const threads = this.#startedFor(jobs);
    if (threads === undefined) return { passed: Promise.resolve([]), takeBack: () => undefined };
    const batches: Batch[] = [];
    const answers = batchesOf(jobs).map((batch) => {
      const idlest = threads.reduce((best, each) => (each.waiting < best.waiting ? each : best));
      return idlest.run(batch, (begun) => batches.push(begun));
    });
    return {
      passed: Promise.all(answers).then((passed) => passed.flat()),
      takeBack: () => {
        for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
          if (batch.thread.takeBack(batch)) return batch.jobs;
        }
        return undefined;
      },
    };
  }

  #startedFor(jobs: readonly ScriptJob[]): readonly Thread[] | undefined {
    this.#inputs += jobs.reduce((sum, { spentOutputs }) => sum + spentOutputs.length, 0);
    if (this.#threads === undefined && this.#inputs >= LEAST_INPUTS) {
      this.#threads = Array.from({ length: this.#count }, () => new Thread(this.#file));
    }
    return this.#threads;
  }

  async close(): Promise<void> {
    const threads = this.#threads ?? [];
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

/** Transactions together, up to so many inputs. */
function batchesOf(jobs: readonly ScriptJob[]): readonly (readonly ScriptJob[])[] {
  const batches: ScriptJob[][] = [];
  let inputs = INPUTS_AT_ONCE;
  for (const job of jobs) {
    if (inputs >= INPUTS_AT_ONCE) {
      batches.push([]);
      inputs = 0;
    }
    batches.at(-1)?.push(job);
    inputs += job.spentOutputs.length;
  }
  return batches;
}

/** Batches that a thread may be sent and not have answered. */
const SLOTS = 1024;

/** A worker thread. Once it has failed, nothing is known of any job: then the asker runs it. */
class Thread {
  readonly #worker: Worker;
  readonly #batches = new Map<number, Batch>();
  /** Of each batch, by its number: 0, and 1 from the moment on that the thread has begun it, or it was taken back. */
  readonly #claims = new Int32Array(new SharedArrayBuffer(4 * SLOTS));
  readonly #free = Array.from({ length: SLOTS }, (_, id) => id);
  #failed = false;

  constructor(file: URL) {
    this.#worker = new Worker(file, { workerData: this.#claims });
    this.#worker.unref();
    this.#worker.on("message", ({ id, passed }) => this.#finish(id, passed));
    this.#worker.on("error", () => this.#fail());
    this.#worker.on("exit", () => this.#fail());
  }

  /** Batches that it has not answered; any other thread is better than one that has failed. */
  get waiting(): number {
    return this.#failed ? Number.POSITIVE_INFINITY : this.#batches.size;
  }

  run(jobs: readonly ScriptJob[], onSent: (batch: Batch) => void): Promise<readonly ScriptJob[]> {
    const id = this.#failed ? undefined : this.#free.pop();
    if (id === undefined) return Promise.resolve([]);
    const bytes = encodeScriptJobs(jobs);
    Atomics.store(this.#claims, id, 0);
    return new Promise((resolve) => {
      const batch = { jobs, resolve, thread: this, id };
      this.#batches.set(id, batch);
      this.#worker.postMessage({ id, jobs: bytes }, [bytes.buffer as ArrayBuffer]);
      this.#worker.ref();
      onSent(batch);
    });
  }

  /** @returns whether the thread had not begun it, and will not */
  takeBack(batch: Batch): boolean {
    if (this.#batches.get(batch.id) !== batch) return false;
    if (Atomics.compareExchange(this.#claims, batch.id, 0, 1) !== 0) return false;
    batch.resolve([]);
    return true;
  }

  async close(): Promise<void> {
    this.#fail();
    await this.#worker.terminate();
  }

  /** @param passed of each job; `undefined` where the batch was taken back */
  #finish(id: number, passed: readonly boolean[] | undefined): void {
    const batch = this.#batches.get(id);
    if (batch === undefined) return;
    batch.resolve(passed === undefined ? [] : batch.jobs.filter((_, i) => passed[i]));
    this.#batches.delete(id);
    this.#free.push(id);
    if (this.#batches.size === 0) this.#worker.unref();
  }

  #fail(): void {
    this.#failed = true;
    for (const { resolve } of this.#batches.values()) resolve([]);
    this.#batches.clear();
  }
}
