/** What making a set would come to now: beside what is stored, and beside what the set's last run asked for. */
import { type Provider, soundHash } from '@setlist/contracts';
import type { Engine, Operation } from '@setlist/polly';
import type { ParsedItem, ParsedSet } from '@setlist/set-file';
import type { KnownSounds } from '../adapters/ledger.ts';
import { type PlannedItem, plannedItem, secondsFor } from '../domain/plan-set.ts';
import { type Characters, NO_CHARACTERS, sumOf } from '../domain/prices.ts';
import type { SetSurvey } from '../domain/survey.ts';
import type { LastRun } from './last-run.ts';

/**
 * `cached`: its sound is paid for. `changed`: not so, and the last run made another sound under this name. `gone`: its
 * sound is paid for, but its audio is not in the store any more, so that it is to be paid again. `anew`: its sound is paid
 * for, and is to be paid again because that is asked for.
 */
export type PlanState = 'new' | 'changed' | 'gone' | 'cached' | 'anew';
export const PLAN_STATES: readonly PlanState[] = ['new', 'changed', 'gone', 'anew', 'cached'];

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
}

/** Of espeak with mp3, for a second of one core; measured on prose of 550 characters an item. */
const LOCAL_CHARACTERS_PER_SECOND = 1_600;

export function comparisonOf(set: ParsedSet, basis: PlanBasis): SetComparison {
  const planned = plannedItems(set, basis);
  const seen = new Set<string>();
  const items = planned.map((item, at): PlanItem => {
    const state = stateOf(item, set.items[at], basis);
    const pays = state !== 'cached' && !seen.has(item.hash);
    seen.add(item.hash);
    return { ...aboutItem(item, set.items[at]), state, toPay: pays ? item.billedCharacters : 0 };
  });
  const paying = planned.filter((_, at) => (items[at]?.toPay ?? 0) > 0);
  return {
    items,
    toPay: toPayOf(items),
    gone: toPayOf(items.filter(({ state }) => state === 'gone')),
    seconds: timeFor(paying, set.paths, basis),
    leftBehind: leftBehind(planned, set, basis.lastRun),
  };
}

/** Item by item, since a set may have a million. */
const toPayOf = (items: readonly PlanItem[]): Characters =>
  items.reduce<Characters>((sum, { engine, toPay }) => sumOf(sum, { [engine]: toPay }), NO_CHARACTERS);

/** The hashes that a plan has to know the state of. */
export const hashesOf = (set: ParsedSet, basis: Pick<PlanBasis, 'provider' | 'lexicons'>): string[] =>
  plannedItems(set, basis).map(({ hash }) => hash);

export const lexiconNames = ({ items }: Pick<ParsedSet, 'items'>): Set<string> =>
  new Set(items.flatMap(({ lexicons }) => lexicons));

/** A lexicon that nobody knows gets a digest that no content has, so that its sounds are in nobody's ledger. */
function plannedItems(
  set: ParsedSet,
  { provider, lexicons }: Pick<PlanBasis, 'provider' | 'lexicons'>,
): PlannedItem[] {
  const digests = [...lexiconNames(set)].map(
    (name) => [name, lexicons.get(name) ?? `unknown: ${name}`] as const,
  );
  const terms = { provider, lexicons: new Map(digests) };
  return set.items.map((item) => plannedItem(set.prefix, item, terms));
}

const aboutItem = ({ index, sound, lane, billedCharacters, file }: PlannedItem, parsed?: ParsedItem) => ({
  index,
  file: parsed?.file ?? file,
  voice: sound.voice,
  engine: lane,
  billedCharacters,
});

function stateOf(
  { hash, file }: PlannedItem,
  parsed: ParsedItem | undefined,
  { paid, gone, fresh, lastRun }: PlanBasis,
): PlanState {
  if (paid.has(hash)) return fresh ? 'anew' : gone.has(hash) ? 'gone' : 'cached';
  const before = lastRun?.items.get(parsed?.file ?? file);
  return before !== undefined && before.hash !== hash ? 'changed' : 'new';
}

function leftBehind(
  planned: readonly PlannedItem[],
  set: ParsedSet,
  lastRun: LastRun | undefined,
): LeftBehind[] {
  if (lastRun === undefined) return [];
  const written = new Set(set.items.map(({ file }) => file));
  // A line that another provider speaks now is still the same line.
  const fileOfSound = new Map(
    planned.map(({ sound }, at) => [
      soundHash({ ...sound, provider: lastRun.provider }),
      set.items[at]?.file ?? '',
    ]),
  );
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
  paying: readonly PlannedItem[],
  paths: ParsedSet['paths'],
  { provider, cores }: PlanBasis,
): number {
  if (provider === 'local') {
    const characters = paying.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0);
    return Math.ceil(characters / (LOCAL_CHARACTERS_PER_SECOND * cores));
  }
  return secondsFor(callsOf(paying), paths);
}

function callsOf(items: readonly PlannedItem[]): SetSurvey['calls'] {
  const counts = new Map<string, { engine: Engine; operation: Operation; items: number }>();
  for (const { lane: engine, operation } of items) {
    const key = `${engine} ${operation}`;
    const known = counts.get(key);
    counts.set(key, { engine, operation, items: (known?.items ?? 0) + 1 });
  }
  return [...counts.values()];
}
