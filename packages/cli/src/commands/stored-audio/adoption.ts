/** Finds audio under the sets' file names, and says for each item what adopting would do. */

import { type PlannedItem, plannedItem, StoredAudio } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import type { ParsedItem, ParsedSet } from '@setlist/set-file';
import { type Offer, soundStanding } from '@setlist/sounds';
import type { ObjectStore } from '@setlist/storage';
import type { AdoptionItem } from '../../output/adoption.ts';

export interface AdoptionBasis {
  readonly source: ObjectStore;
  readonly provider: Provider;
  /** Digests by lexicon name. */
  readonly lexicons: ReadonlyMap<string, string>;
  /** Undefined if there is no log yet: then no sound is known. */
  readonly log: Pick<EventLog, 'first' | 'last' | 'head' | 'clock'> | undefined;
  /** The store of the log's audio. */
  readonly store: ObjectStore;
}

const LOOKUPS_AT_ONCE = 64;

/** Every item of the sets, in order. */
export async function adoptionOf(sets: readonly ParsedSet[], basis: AdoptionBasis): Promise<AdoptionItem[]> {
  const items: AdoptionItem[] = [];
  for (const set of sets) {
    const files = await filesUnder(`${set.prefix}/`, basis.source);
    for (const item of itemsOf(set, basis, files)) items.push(item);
  }
  if (basis.log) await lookUp(items, { log: basis.log, store: basis.store });
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

/** Looks up the ledger's state of every item, even without a file: a known sound needs none. */
async function lookUp(
  items: AdoptionItem[],
  sounds: { log: NonNullable<AdoptionBasis['log']>; store: ObjectStore },
): Promise<void> {
  const stored = new StoredAudio(sounds.store, sounds.log);
  await inParallel(items.entries(), LOOKUPS_AT_ONCE, async ([at, item]) => {
    if (item.offer === undefined) return;
    const standing = await soundStanding(sounds, item.offer, (audio) => stored.holds(audio));
    if (standing !== 'open') items[at] = { ...item, state: standing };
  });
}
