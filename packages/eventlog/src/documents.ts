/** Small JSON documents in a bucket, changed by compare-and-set: projections, and what processes agree on. */
import { addAbortListener } from 'node:events';
import type { KV, KvEntry } from 'nats';
import { untilAnswered } from './connection/connection.ts';
import { isNothingThere, isWrongLastSequence } from './connection/failures.ts';

/** A stored document, with the revision that a change has to name. */
interface Stored<T> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
  /** By the broker's clock. */
  readonly storedAt: Date;
}

/** A document was overwritten with something that is not JSON. */
export class DocumentUnreadable extends Error {
  override readonly name = 'DocumentUnreadable';
  readonly code = 'document-unreadable';
}

export interface Documents {
  /**
   * From any node of a cluster, which can be behind the others, if the bucket allows direct gets.
   * @throws DocumentUnreadable
   */
  get<T>(key: string): Promise<Stored<T> | undefined>;
  /** From the bucket's leader: slower, but never behind. @throws DocumentUnreadable */
  getAtLeader<T>(key: string): Promise<Stored<T> | undefined>;
  /**
   * Stores the value if the key is still at `revision` (0: it does not exist).
   * @returns the new revision, or nothing if the key had changed
   */
  replace(key: string, value: unknown, revision: number): Promise<number | undefined>;
  /** Stores the value unconditionally. Returns the new revision. */
  put(key: string, value: unknown): Promise<number>;
  /** Deletes the document; if a revision is given, only if the document is still at it. */
  delete(key: string, revision?: number): Promise<void>;
  /** Deletes all documents at once. */
  deleteAll(): Promise<void>;
  /** Keys that match a filter such as `set.*`, from any node of a cluster: one that is behind the others lacks some. */
  keys(filter: string): Promise<string[]>;
  /** Yields the current documents that match the filter, then every change, until aborted. */
  watch<T>(filter: string, signal: AbortSignal): AsyncIterable<Stored<T>>;
}

function stored<T>(entry: KvEntry): Stored<T> {
  const { key, revision, created: storedAt } = entry;
  try {
    return { key, value: JSON.parse(entry.string()) as T, revision, storedAt };
  } catch (cause) {
    throw new DocumentUnreadable(`${key} is not JSON`, { cause });
  }
}

async function getFrom<T>(kv: KV, key: string): Promise<Stored<T> | undefined> {
  const entry = await untilAnswered(() => kv.get(key));
  return entry === null || entry.operation !== 'PUT' ? undefined : stored<T>(entry);
}

/** The same bucket without direct gets. The client's published type omits the field. */
const withoutDirect = (kv: KV): KV => Object.assign(Object.create(kv) as KV, { direct: false });

/** The client's published type omits that it can purge the whole bucket. */
const withPurge = (kv: KV): KV & { purgeBucket(): Promise<unknown> } =>
  kv as KV & { purgeBucket(): Promise<unknown> };

/** The documents of one key-value bucket. */
export function documentsIn(kv: KV): Documents {
  const leader = withoutDirect(kv);
  return {
    get: (key) => getFrom(kv, key),
    getAtLeader: (key) => getFrom(leader, key),
    async replace(key, value, revision) {
      const text = JSON.stringify(value);
      try {
        return await untilAnswered(() =>
          // Creating a key that was deleted reads its revision first.
          revision === 0 ? leader.create(key, text) : kv.update(key, text, revision),
        );
      } catch (error) {
        if (isWrongLastSequence(error)) return undefined;
        throw error;
      }
    },
    put: (key, value) => untilAnswered(() => kv.put(key, JSON.stringify(value))),
    async delete(key, revision) {
      try {
        await untilAnswered(() => kv.purge(key, revision === undefined ? {} : { previousSeq: revision }));
      } catch (error) {
        if (!isNothingThere(error) && !isWrongLastSequence(error)) throw error;
      }
    },
    deleteAll: async () => void (await untilAnswered(() => withPurge(kv).purgeBucket())),
    async keys(filter) {
      const keys: string[] = [];
      for await (const key of await untilAnswered(() => kv.keys(filter))) keys.push(key);
      return keys;
    },
    async *watch<T>(filter: string, signal: AbortSignal) {
      const changes = await untilAnswered(() => kv.watch({ key: filter }));
      using _stop = addAbortListener(signal, () => changes.stop());
      try {
        for await (const entry of changes) {
          if (entry.operation === 'PUT') yield stored<T>(entry);
        }
      } finally {
        changes.stop();
      }
    },
  };
}
