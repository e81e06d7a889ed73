/** Finds audio under the names that sets give it, and says of each item what adopting would do with it. */

import { type PlannedItem, plannedItem, StoredAudio } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import type { ParsedItem, ParsedSet } from '@setlist/set-file';
import { type Offer, type Standing, soundStanding } from '@setlist/sounds';
import type { ObjectStore } from '@setlist/storage';

/**
 * How an item stands before anything is adopted: `absent`, there is no such file; `lexicon-unknown`, nobody can say
 * which sound it is; `known` and `claimed` as the ledger has it.
 */
export type ItemState = 'adoptable' | 'absent' | 'lexicon-unknown' | Exclude<Standing, 'open'>;

export interface AdoptionItem {
  readonly set: string;
  /** Counted from 0. */
  readonly index: number;
  /** With the set's prefix: its name in the folder or bucket. */
  readonly file: string;
  readonly text: string;
  readonly voice: string;
  readonly state: ItemState;
  /** Of the file; missing where there is none. */
  readonly bytes?: number;
  /** Missing where nobody can say which sound it is. */
  readonly offer?: Offer;
}

export interface AdoptionBasis {
  readonly source: ObjectStore;
  readonly provider: Provider;
  /** By name. */
  readonly lexicons: ReadonlyMap<string, string>;
  /** Nothing where there is no log yet: then nobody has any sound. */
  readonly log: Pick<EventLog, 'first' | 'last' | 'head' | 'clock'> | undefined;
  /** Where the log's audio is kept. */
  readonly store: ObjectStore;
}

const LOOKUPS_AT_ONCE = 64;

/** Every item of the sets, in their order. */
export async function adoptionOf(sets: readonly ParsedSet[], basis: AdoptionBasis): Promise<AdoptionItem[]> {
  const items: AdoptionItem[] = [];
  for (const set of sets)
    items.push(...itemsOf(set, basis, await filesUnder(`${set.prefix}/`, basis.source)));
  if (basis.log) await lookUp(items, basis.log, new StoredAudio(basis.store, basis.log));
  return items;
}

async function filesUnder(prefix: string, source: ObjectStore): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  for await (const { key, bytes } of source.list(prefix)) files.set(key, bytes);
  return files;
}

function itemsOf(
  set: ParsedSet,
  { source, provider, lexicons }: AdoptionBasis,
  files: ReadonlyMap<string, number>,
): AdoptionItem[] {
  return set.items.map((item) => {
    const file = `${set.prefix}/${item.file}`;
    const bytes = files.get(file);
    const isKnown = item.lexicons.every((name) => lexicons.has(name));
    const planned = isKnown ? plannedItem(set.prefix, item, { provider, lexicons }) : undefined;
    return {
      ...about(set, item, file),
      ...(bytes === undefined ? {} : { bytes }),
      ...offered(planned, bytes !== undefined, () => source.get(file)),
    };
  });
}

const about = ({ name }: ParsedSet, { index, text, voice }: ParsedItem, file: string) => ({
  set: name,
  index,
  file,
  text,
  voice,
});

function offered(
  item: PlannedItem | undefined,
  isThere: boolean,
  read: Offer['read'],
): Pick<AdoptionItem, 'state' | 'offer'> {
  if (item === undefined) return { state: isThere ? 'lexicon-unknown' : 'absent' };
  const { hash, sound } = item;
  return { state: isThere ? 'adoptable' : 'absent', offer: { hash, sound, read } };
}

/** What is known already is said of items without a file too: they need none. */
async function lookUp(
  items: AdoptionItem[],
  log: NonNullable<AdoptionBasis['log']>,
  stored: StoredAudio,
): Promise<void> {
  await inParallel(items.entries(), LOOKUPS_AT_ONCE, async ([at, item]) => {
    if (item.offer === undefined) return;
    const standing = await soundStanding(log, item.offer.hash, (audio) => stored.holds(audio));
    if (standing !== 'open') items[at] = { ...item, state: standing };
  });
}
