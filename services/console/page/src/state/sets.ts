/** All sets, live: fetched once, then updated from the log. */
import { computed, signal } from '@preact/signals';
import { get, signIns } from '../api/client.ts';
import { type Listening, listen } from '../api/live.ts';
import { pause } from '../api/pause.ts';
import type { SetSummary, SetsPage } from '../api/types.ts';
import { untilAnswered } from './again.ts';
import { notePace } from './pace.ts';
import { Resets } from './resets.ts';
import { withSets } from './with-sets.ts';

/** Newest first. */
const byId = signal<ReadonlyMap<string, SetSummary>>(new Map());

/** Newest first. */
export const sets = computed(() => [...byId.value.values()]);
export const isLoaded = signal(false);
/** Why the last fetch failed; `undefined` if it succeeded. */
export const fault = signal<string | undefined>(undefined);

const PAGE = 500;

/** The place in the log up to which the last watch received all changes. */
let told: number | undefined;
/** `signIns` at the time of that watch. */
let toldBy = signIns.peek();

const resets = new Resets();

/** Watches until the returned function is called; the next watch continues where this one stopped. */
export function watchSets(): () => void {
  if (toldBy !== signIns.peek()) forget();
  const closed = new AbortController();
  const { signal: aborted } = closed;
  let listening: Listening | undefined;
  const begin = async (): Promise<void> => {
    const since = told ?? (await load(aborted));
    told = since;
    if (aborted.aborted) return;
    listening = listen('', {
      since,
      onChange: ({ sets: changed = [] }) => update(changed),
      onReset: () => void startOver(since),
    });
  };
  const startOver = async (since: number): Promise<void> => {
    listening?.stop();
    listening = undefined;
    forgetPlace();
    await pause(resets.pauseMs(since), aborted);
    tryToBegin();
  };
  // It fails only if the console refuses for good, which `fault` shows, or if the watch has ended.
  const tryToBegin = (): void => void begin().catch(() => undefined);
  tryToBegin();
  return () => {
    closed.abort();
    told = listening?.position ?? told;
    listening?.stop();
  };
}

/** Has the next watch fetch all sets again, where the place in the log can be one that the log has lost. */
export function forgetPlace(): void {
  told = undefined;
}

/** A new token may allow other sets than the previous one. */
function forget(): void {
  toldBy = signIns.peek();
  forgetPlace();
  isLoaded.value = false;
  fault.value = undefined;
  byId.value = new Map();
}

/**
 * Fetches all sets, page by page; the first time, those that have come are shown meanwhile.
 * @returns the place in the log up to which they are complete
 */
async function load(aborted: AbortSignal): Promise<number> {
  const all: SetSummary[] = [];
  let since: number | undefined;
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const path = `/sets?limit=${PAGE}${cursor && `&cursor=${cursor}`}`;
    const page: SetsPage = await untilAnswered(() => get<SetsPage>(path, aborted), { aborted, fault });
    since ??= page.position;
    all.push(...page.sets);
    for (const set of page.sets) notePace(set);
    cursor = page.next;
    if (!isLoaded.peek()) byId.value = withSets(byId.peek(), page.sets);
  }
  byId.value = withSets(new Map(), all);
  isLoaded.value = true;
  return since ?? 0;
}

export function update(changed: readonly SetSummary[]): void {
  if (changed.length === 0) return;
  for (const set of changed) notePace(set);
  byId.value = withSets(byId.value, changed);
}
