/** Reads that go through all of a set: a few at a time, and each for as long as its caller waits. */
import { Readable } from 'node:stream';
import type { Recorded } from '@setlist/eventlog';
import { Slots } from '@setlist/runtime';
import type { FastifyReply } from 'fastify';
import { untilCallerLeaves } from './caller-left.ts';
import type { ConsoleDeps } from './deps.ts';

/** A set may have a million items: many of them at once would not fit into memory. */
const slots = new Slots(4);

/** A turn to read, which is waited for; not while the broker is away, which one turn after the other would find out. */
export async function takeTurn({ log }: Pick<ConsoleDeps, 'log'>, signal: AbortSignal): Promise<Disposable> {
  await log.head();
  return slots.take(signal);
}

/** Reads in a turn of its own, for as long as the caller waits. */
export async function wholeRead<T>(
  { deps, reply }: { readonly deps: ConsoleDeps; readonly reply: FastifyReply },
  read: (deps: ConsoleDeps) => Promise<T>,
): Promise<T> {
  const signal = untilCallerLeaves(reply);
  using _turn = await takeTurn(deps, signal);
  return await read(depsUntil(deps, signal));
}

/** What is read with these ends, with the signal's reason, when the signal aborts. */
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

/** An answer in pieces, made as fast as it is taken; what keeps the first from coming is refused like anything else. */
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
