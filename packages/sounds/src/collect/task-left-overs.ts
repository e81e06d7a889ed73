/** Finds audio in the task bucket whose sound is already stored: its dispatcher ended before it could delete it. */
import { inParallel } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import { taskKeyPrefix } from '../domain/places.ts';
import { readSound } from '../ledger/payments.ts';
import type { Removal } from './remove.ts';
import type { Holdings, LeftOver, SurveyTerms } from './survey.ts';

export interface TaskBucket {
  readonly store: ObjectStore;
  /** The part before the hash in every task's key prefix. */
  readonly prefixRoot: string;
}

const LOOKUPS_AT_ONCE = 64;
const HASH_DIGITS = 64;

/** A lost task's audio is not a left-over: the next dispatcher that wants its sound finds it and does not pay again. */
export async function taskLeftOvers(
  { log }: Pick<Holdings, 'log'>,
  { store, prefixRoot }: TaskBucket,
  { leftOverAfterMs }: Pick<SurveyTerms, 'leftOverAfterMs'>,
): Promise<LeftOver[]> {
  const before = log.clock.now() - leftOverAfterMs;
  const old: LeftOver[] = [];
  for await (const { key, bytes, modified } of store.list(prefixRoot)) {
    const hash = hashOfTaskKey(prefixRoot, key);
    const modifiedAt = modified.getTime();
    if (hash !== undefined && modifiedAt <= before) old.push({ key, hash, bytes, modifiedAt });
  }
  const found: LeftOver[] = [];
  await inParallel(old, LOOKUPS_AT_ONCE, async (object) => {
    if ((await readSound(log, object.hash)).kind === 'paid') found.push(object);
  });
  return found;
}

/** @param signal ends the work before the next object */
export async function* removeTaskLeftOvers(
  { log }: Pick<Holdings, 'log'>,
  { store }: TaskBucket,
  leftOvers: readonly LeftOver[],
  signal?: AbortSignal,
): AsyncGenerator<Removal> {
  for (const { key, bytes, hash } of leftOvers) {
    if (signal?.aborted) return;
    const goes = (await readSound(log, hash)).kind === 'paid';
    if (goes) await store.delete(key);
    yield { key, bytes, did: goes ? 'removed' : 'kept' };
  }
}

/** `<root><hash>.<task id>.<extension>`, as the provider names what a task writes. */
function hashOfTaskKey(root: string, key: string): string | undefined {
  const hash = key.slice(root.length, root.length + HASH_DIGITS);
  return /^[0-9a-f]{64}$/.test(hash) && key.startsWith(`${taskKeyPrefix(root, hash)}.`) ? hash : undefined;
}
