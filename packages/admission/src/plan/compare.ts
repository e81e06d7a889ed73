/** What making a set would come to now: beside what is stored, and beside what the set's last run asked for. */
import type { Provider } from '@setlist/contracts';
import type { Engine, Operation } from '@setlist/polly';
import type { ParsedItem, ParsedSet } from '@setlist/set-file';
import type { KnownSounds } from '../adapters/ledger.ts';
import { plannedItem, secondsFor } from '../domain/plan-set.ts';
import type { Characters } from '../domain/prices.ts';
import type { SetSurvey } from '../domain/survey.ts';
import { mapInTurns } from './in-turns.ts';
import type { LastRun } from './last-run.ts';

/**
 * `cached`: its sound is paid for. `changed`: not so, and the last run made another sound under this name. `gone`: its
 * sound is paid for, but its audio is not in the store any more, so that it is to be paid again. `anew`: its sound is paid
 * for, and is to be paid again because that is asked for.
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
  /** Characters that this item would pay: 0 where its sound is paid for and there, or an item before it pays. */
  readonly toPay: number;
}

/** A file of the last run that this one would not write. */
export interface LeftBehind {
  /** Its number in the last run, counted from 0. */
  readonly index: number;
  readonly file: string;
  readonly because: 'removed' | 'renamed';
  /** The file that has its sound now. */
  readonly now?: string;
}

/** What a plan says of the set; characters and time are of what would be paid now, each sound once. */
export interface SetComparison {
  readonly items: readonly PlanItem[];
  readonly toPay: Characters;
  /** How much of that is for sounds that are gone from the store. */
  readonly gone: Characters;
  readonly seconds: number;
  readonly leftBehind: readonly LeftBehind[];
}

export interface PlanBasis extends KnownSounds {
  readonly provider: Provider;
  /** By name; a name that is not in it makes its items new. */
  readonly lexicons: ReadonlyMap<string, string>;
  readonly fresh: boolean;
  readonly lastRun?: LastRun | undefined;
  /** How fast the local engine speaks here. */
  readonly cores: number;
  /** Ends the work, with its own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Of espeak with mp3, for a second of one core; measured on prose of 550 characters an item. */
const LOCAL_CHARACTERS_PER_SECOND = 1_600;

/**
 * Of a million items too: little is kept of each, and others have their turns meanwhile.
 * @param hashes of the set's items, by {@link hashesOf}
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

/** Item by item, and into one sum, since a set may have a million. */
function toPayOf(items: readonly PlanItem[]): Characters {
  const sum: Partial<Record<Engine, number>> = {};
  for (const { engine, toPay } of items) if (toPay > 0) sum[engine] = (sum[engine] ?? 0) + toPay;
  return sum;
}

export const lexiconNames = ({ items }: Pick<ParsedSet, 'items'>): Set<string> =>
  new Set(items.flatMap(({ lexicons }) => lexicons));

/**
 * Of each item's sound. A lexicon that nobody knows gets a digest that no content has, so that its sounds are in nobody's
 * ledger.
 */
export function hashesOf(
  set: ParsedSet,
  { provider, lexicons, signal }: Pick<PlanBasis, 'provider' | 'lexicons' | 'signal'>,
): Promise<string[]> {
  const digests = [...lexiconNames(set)].map(
    (name) => [name, lexicons.get(name) ?? `unknown: ${name}`] as const,
  );
  const terms = { provider, lexicons: new Map(digests) };
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
  const written = new Set(set.items.map(({ file }) => file));
  // A line that another provider speaks now is still the same line.
  const { provider } = lastRun;
  const sounds = provider === basis.provider ? hashes : await hashesOf(set, { ...basis, provider });
  const fileOfSound = new Map(sounds.map((hash, at) => [hash, set.items[at]?.file ?? '']));
  const left: LeftBehind[] = [];
  for (const [file, { index, hash }] of lastRun.items) {
    if (written.has(file)) continue;
    const now = fileOfSound.get(hash);
    left.push(
      now === undefined ? { index, file, because: 'removed' } : { index, file, because: 'renamed', now },
    );
  }
  return left.sort((a, b) => a.index - b.index);
}

/** Polly: what its quotas impose. The local engine has none, and is as fast as the machine. */
function timeFor(
  paying: readonly ParsedItem[],
  paths: ParsedSet['paths'],
  { provider, cores }: PlanBasis,
): number {
  if (provider === 'local') {
    const characters = paying.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0);
    return Math.ceil(characters / (LOCAL_CHARACTERS_PER_SECOND * cores));
  }
  return secondsFor(callsOf(paying), paths);
}

function callsOf(items: readonly ParsedItem[]): SetSurvey['calls'] {
  const counts = new Map<string, { engine: Engine; operation: Operation; items: number }>();
  for (const { engine, operation } of items) {
    const key = `${engine} ${operation}`;
    const known = counts.get(key);
    counts.set(key, { engine, operation, items: (known?.items ?? 0) + 1 });
  }
  return [...counts.values()];
}
