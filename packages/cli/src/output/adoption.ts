/** Shows what adopting would do and what it did, to people and to scripts. */
import { countOf, duration, grouped, type Provider } from '@setlist/contracts';
import { BUILT_IN } from '@setlist/set-file';
import type { Adoption, Offer, Standing } from '@setlist/sounds';
import type { SurveyedSetFile } from '../set-files/check.ts';
import { fitTo } from './text/fit-columns.ts';
import { size } from './text/sizes.ts';
import { table } from './text/table.ts';
import type { Palette, Terminal } from './text/terminal.ts';

/**
 * An item's state before anything is adopted. `absent`: there is no such file. `lexicon-unknown`: its sound can't be
 * identified. `known` and `claimed`: as in the ledger.
 */
type ItemState = 'adoptable' | 'absent' | 'lexicon-unknown' | Exclude<Standing, 'open'>;

export interface AdoptionItem {
  readonly set: string;
  /** Starts from 0. */
  readonly index: number;
  /** The name in the folder or bucket, with the set's prefix. */
  readonly file: string;
  readonly text: string;
  readonly voice: string;
  readonly state: ItemState;
  /** The file's size; missing if there is no file. */
  readonly bytes?: number;
  /** Missing if the sound can't be identified. */
  readonly offer?: Offer;
}

/** An item's outcome: its unchanged state if nothing was to be done, or what happened to its audio. */
type Outcome = ItemState | Adoption['kind'] | 'same';

export interface AdoptedItem {
  readonly item: AdoptionItem;
  readonly outcome: Outcome;
  readonly durationMs?: number;
  /** Why the audio is unusable. */
  readonly why?: string;
}

/** The outcomes of usable audio. */
const TAKEN: ReadonlySet<Outcome> = new Set(['adopted', 'restored', 'adoptable'] as const);
const ITEMS_SHOWN = 20;
const VOICES_SHOWN = 10;
const TEXT_COLUMNS = 40;

const WORDS: Readonly<Record<ItemState, string>> = {
  adoptable: 'to adopt',
  known: 'already known',
  claimed: 'claimed by a dispatcher',
  absent: 'not there',
  'lexicon-unknown': 'lexicon unknown',
};

export const nameOf = (provider: Provider): string =>
  provider === 'polly' ? 'Amazon Polly' : 'the local engine';

/** Says which engine and voices audio is assumed to come from if a set file names no engine: samples can't tell. */
export function tellUnnamedEngines(setFiles: readonly SurveyedSetFile[], { say, paintSaid }: Terminal): void {
  for (const { path, set } of setFiles) {
    if (set.unnamedEngine === undefined) continue;
    const { items, voices } = set.unnamedEngine;
    const some = voices.slice(0, VOICES_SHOWN).join(', ');
    const left = voices.length - VOICES_SHOWN;
    const by = left > 0 ? `${some} and ${countOf(left, 'more voice')}` : some;
    say(
      `${paintSaid.yellow('warning:')} ${path}: ${countOf(items, 'item')} without an engine: the audio is assumed to be made by ${by} with the ${BUILT_IN.engine} engine. If the standard engine made it, as in the code of amazon-polly-async-batch, write "engine: standard" under "defaults" first.`,
    );
  }
}

/** Lists the first items that would be adopted, and counts the items by state. */
export function listAdoptable(items: readonly AdoptionItem[], { print, paint }: Terminal): void {
  const adoptable = items.filter(({ state }) => state === 'adoptable');
  if (adoptable.length > 0) {
    const columns = [
      { title: '#', align: 'right' },
      { title: 'Engine' },
      { title: 'Voice' },
      { title: 'Size', align: 'right' },
      { title: 'File' },
      { title: 'Text' },
    ] as const;
    const rows = adoptable.slice(0, ITEMS_SHOWN).map(rowOf);
    for (const line of table(columns, rows, paint.dim)) print(line);
    if (adoptable.length > ITEMS_SHOWN) {
      print(paint.dim(`and ${grouped(adoptable.length - ITEMS_SHOWN)} more`));
    }
    print('');
  }
  const states = Object.entries(WORDS) as [ItemState, string][];
  const counts = states.flatMap(([state, words]) => {
    const count = items.filter((item) => item.state === state).length;
    return count === 0 ? [] : [`${grouped(count)} ${words}`];
  });
  print(`${countOf(items.length, 'item')}: ${counts.join(', ')}`);
}

const rowOf = ({ index, voice, bytes = 0, file, text, offer }: AdoptionItem): string[] => [
  String(index),
  offer?.sound.engine ?? '',
  voice,
  size(bytes),
  file,
  fitTo(text.replace(/\s+/g, ' '), TEXT_COLUMNS),
];

/** One line of JSON for an item. */
export function adoptedJson({ item, outcome, durationMs, why }: AdoptedItem): string {
  const { set, index, file, bytes, offer } = item;
  return JSON.stringify({ set, index, file, hash: offer?.hash, outcome, bytes, durationMs, why });
}

/** Says what was adopted, and for each file that could not be, why. */
export function printAdopted(
  done: readonly AdoptedItem[],
  { print, paint }: Pick<Terminal, 'print'> & { paint: Palette },
  dryRun: boolean,
): void {
  const adopted = done.filter(({ outcome }) => TAKEN.has(outcome));
  const unusable = done.filter(({ outcome }) => outcome === 'unusable');
  for (const { item, why = '' } of unusable) print(`${paint.red('unusable')}  ${item.file}: ${why}`);
  if (adopted.length === 0) {
    print('Nothing was adopted.');
    return;
  }
  const bytes = adopted.reduce((sum, { item }) => sum + (item.bytes ?? 0), 0);
  const ms = adopted.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  const sounds = `${countOf(adopted.length, 'sound')} (${size(bytes)}, ${duration(ms)})`;
  print(dryRun ? `${sounds} can be adopted; nothing was changed.` : `Adopted ${sounds}; nothing was paid.`);
}
