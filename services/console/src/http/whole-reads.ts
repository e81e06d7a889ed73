/** Reads that go through a whole set: a few at a time, each for as long as its caller waits. */
import { Readable } from 'node:stream';
import type { Recorded } from '@setlist/eventlog';
import { Slots } from '@setlist/runtime';
import type { FastifyReply } from 'fastify';
import { untilCallerLeaves } from './caller-left.ts';
import type { ConsoleDeps } from './deps.ts';

/** A set can have a million items: many reads at once would not fit into memory. */
const slots = new Slots(4);

/** Waits for a turn to read. Fails at once while the broker is away, instead of letting each turn time out. */
export async function takeTurn({ log }: Pick<ConsoleDeps, 'log'>, signal: AbortSignal): Promise<Disposable> {
  await log.head();
  return slots.take(signal);
}

/** Waits for a turn, then reads for as long as the caller waits. */
export async function wholeRead<T>(
  { deps, reply }: { readonly deps: ConsoleDeps; readonly reply: FastifyReply },
  read: (deps: ConsoleDeps) => Promise<T>,
): Promise<T> {
  const signal = untilCallerLeaves(reply);
  using _turn = await takeTurn(deps, signal);
  return await read(depsUntil(deps, signal));
}

/** Dependencies whose reads throw the signal's reason once it aborts. */
export function depsUntil(deps: ConsoleDeps, signal: AbortSignal): ConsoleDeps {
  const { log, texts } = deps;
  const get: typeof log.sets.get = async (key) => {
    signal.throwIfAborted();
    return log.sets.get(key);
  };
  return {
    ...deps,
    log: {
      ...log,
      sets: { ...log.sets, get },
      read: (selection) => readUntil(log.read(selection), signal),
    },
    texts: { of: (setId, index) => texts.of(setId, index, signal) },
  };
}

async function* readUntil(records: AsyncIterable<Recorded>, signal: AbortSignal): AsyncGenerator<Recorded> {
  signal.throwIfAborted();
  for await (const record of records) {
    signal.throwIfAborted();
    yield record;
  }
}

/** Streams an answer as fast as it is read. An error before the first piece is thrown, so it is refused as usual. */
export async function inPieces<T extends string | Uint8Array>(pieces: AsyncGenerator<T>): Promise<Readable> {
  const first = await pieces.next();
  return Readable.from(behind(first, pieces), { objectMode: false });
}

async function* behind<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
