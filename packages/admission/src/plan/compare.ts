/** What a set would make now, compared with what is stored and with what the set's last run wrote. */
import { foldObjectKey, type Provider } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';
import type { ParsedItem, ParsedSet } from '@setlist/set-file';
import type { KnownSounds } from '../adapters/known-sounds.ts';
import { plannedItem, type SoundTerms, secondsFor } from '../domain/plan-set.ts';
import type { Characters } from '../domain/prices.ts';
import { surveyOf } from '../domain/survey.ts';
import { mapInTurns } from './in-turns.ts';
import type { LastRun } from './last-run.ts';

/**
 * - `cached`: its sound is paid for.
 * - `changed`: its sound is not paid for, and the last run made another sound under this file name.
 * - `gone`: its sound is paid for, but the audio is gone from the store, so it has to be paid for again.
 * - `anew`: its sound is paid for, and is to be paid for again on request.
 * - `new`: none of these.
 */
export const PLAN_STATES = ['new', 'changed', 'gone', 'anew', 'cached'] as const;
export type PlanState = (typeof PLAN_STATES)[number];

export interface PlanItem {
  /** Counted from 0. */
  readonly index: number;
  /** Without the set's prefix. */
  readonly file: string;
  readonly voice: string;
  readonly engine: Engine;
  readonly billedCharacters: number;
  readonly state: PlanState;
  /** Characters that this item would pay for: 0 where its sound is paid for and stored, or an earlier item pays. */
  readonly toPay: number;
}

/** A file of the last run that this one would not write, not even under a name that differs only in case. */
export interface LeftBehind {
  /** The item's number in the last run, counted from 0. */
  readonly index: number;
  readonly file: string;
  readonly because: 'removed' | 'renamed';
  /** The file that has its sound now. */
  readonly now?: string;
}

/** A plan of the set; characters and time are for what would be paid now, each sound once. */
export interface SetComparison {
  readonly items: readonly PlanItem[];
  readonly toPay: Characters;
  /** The part of `toPay` for sounds that are gone from the store. */
  readonly gone: Characters;
  readonly seconds: number;
  readonly leftBehind: readonly LeftBehind[];
}

export interface PlanBasis extends KnownSounds {
  readonly provider: Provider;
  /** SHA-256 by name; items with a lexicon that is missing here count as new. */
  readonly lexicons: ReadonlyMap<string, string>;
  readonly fresh: boolean;
  readonly lastRun?: LastRun | undefined;
  /** Number of cores, from which the local engine's speed follows. */
  readonly cores: number;
  /** Ends the work, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Characters that espeak with mp3 speaks per second on one core; measured on prose of 550 characters an item. */
const LOCAL_CHARACTERS_PER_SECOND = 1_600;

/**
 * Compares a set, even of a million items: little is kept of each, and the event loop is not blocked.
 * @param hashes the hashes of the set's items, from {@link hashesOf}
 */
export async function comparisonOf(
  set: ParsedSet,
  hashes: readonly string[],
  basis: PlanBasis,
): Promise<SetComparison> {
  const seen = new Set<string>();
  const compared = (item: ParsedItem, at: number): PlanItem => {
    const { index, file, voice, engine, billedCharacters } = item;
    const hash = hashes[at] ?? '';
    const state = stateOf(file, hash, basis);
    const pays = state !== 'cached' && !seen.has(hash);
    seen.add(hash);
    return { index, file, voice, engine, billedCharacters, state, toPay: pays ? billedCharacters : 0 };
  };
  const items = await mapInTurns(set.items, compared, basis.signal);
  const paying = set.items.filter((_, at) => (items[at]?.toPay ?? 0) > 0);
  return {
    items,
    toPay: toPayOf(items),
    gone: toPayOf(items.filter(({ state }) => state === 'gone')),
    seconds: timeFor(paying, set.paths, basis),
    leftBehind: await leftBehind(set, hashes, basis),
  };
}

/** Adds up in place, without copying, since a set can have a million items. */
function toPayOf(items: readonly PlanItem[]): Characters {
  const sum: Partial<Record<Engine, number>> = {};
  for (const { engine, toPay } of items) if (toPay > 0) sum[engine] = (sum[engine] ?? 0) + toPay;
  return sum;
}

export const lexiconNames = ({ items }: Pick<ParsedSet, 'items'>): Set<string> =>
  new Set(items.flatMap(({ lexicons }) => lexicons));

/** A digest for each lexicon; an unknown one gets a digest that no content has, so that its sounds are in no ledger. */
export const soundTerms = (
  provider: Provider,
  names: Iterable<string>,
  known: ReadonlyMap<string, string>,
): SoundTerms => ({
  provider,
  lexicons: new Map([...names].map((name) => [name, known.get(name) ?? `unknown: ${name}`])),
});

/** The hash of each item's sound. */
export function hashesOf(
  set: ParsedSet,
  { provider, lexicons, signal }: Pick<PlanBasis, 'provider' | 'lexicons' | 'signal'>,
): Promise<string[]> {
  const terms = soundTerms(provider, lexiconNames(set), lexicons);
  return mapInTurns(set.items, (item) => plannedItem(set.prefix, item, terms).hash, signal);
}

function stateOf(file: string, hash: string, { paid, gone, fresh, lastRun }: PlanBasis): PlanState {
  if (paid.has(hash)) return fresh ? 'anew' : gone.has(hash) ? 'gone' : 'cached';
  const before = lastRun?.items.get(file);
  return before !== undefined && before.hash !== hash ? 'changed' : 'new';
}

async function leftBehind(
  set: ParsedSet,
  hashes: readonly string[],
  { lastRun, ...basis }: PlanBasis,
): Promise<LeftBehind[]> {
  if (lastRun === undefined) return [];
  // Where names that differ in case are one file, a file of the last run may be the one that this run writes.
  const written = new Set(set.items.map(({ file }) => foldObjectKey(file)));
  // A line that another provider speaks is still the same line.
  const { provider } = lastRun;
  const sounds = provider === basis.provider ? hashes : await hashesOf(set, { ...basis, provider });
  const fileOfSound = new Map(sounds.map((hash, at) => [hash, set.items[at]?.file ?? '']));
  const left: LeftBehind[] = [];
  for (const [file, { index, hash }] of lastRun.items) {
    if (written.has(foldObjectKey(file))) continue;
    const now = fileOfSound.get(hash);
    left.push(
      now === undefined ? { index, file, because: 'removed' } : { index, file, because: 'renamed', now },
    );
  }
  return left.sort((a, b) => a.index - b.index);
}

/** Seconds: for Polly, what its quotas impose; the local engine has no quotas and is as fast as the machine. */
function timeFor(
  paying: readonly ParsedItem[],
  paths: ParsedSet['paths'],
  { provider, cores }: PlanBasis,
): number {
  if (provider === 'local') {
    const characters = paying.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0);
    return Math.ceil(characters / (LOCAL_CHARACTERS_PER_SECOND * cores));
  }
  return secondsFor(surveyOf(paying).calls, paths);
}
