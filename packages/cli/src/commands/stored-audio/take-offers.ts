/** Processes the sounds that audio is offered for, a few at a time. */
import { countOf, grouped } from '@setlist/contracts';
import { inParallel } from '@setlist/runtime';
import type { Adoption, Offer } from '@setlist/sounds';
import type { AdoptedItem, AdoptionItem } from '../../output/adoption.ts';
import type { Surroundings } from '../../surroundings.ts';

/** Many at once, since storing is mostly waiting. */
const AT_ONCE = 16;
const SHOW_EVERY_MS = 100;

/** Groups the offered items by sound hash; of several files for one sound, the first usable one is taken. */
export function offeredSounds(items: readonly AdoptionItem[]): Map<string, AdoptionItem[]> {
  const offered = new Map<string, AdoptionItem[]>();
  for (const item of items) {
    if (item.state !== 'adoptable' || item.offer === undefined) continue;
    const { hash } = item.offer;
    const same = offered.get(hash);
    if (same) same.push(item);
    else offered.set(hash, [item]);
  }
  return offered;
}

/** Takes the offered audio until the signal aborts. @param done receives the outcome for every item whose audio was taken */
export async function takeAll(
  offered: ReadonlyMap<string, readonly AdoptionItem[]>,
  take: (offer: Offer) => Promise<Adoption>,
  done: Map<AdoptionItem, AdoptedItem>,
  { here: { terminal }, signal }: { here: Surroundings; signal: AbortSignal },
): Promise<void> {
  let sounds = 0;
  let shownAt = 0;
  await inParallel(offered.values(), AT_ONCE, async (items) => {
    if (signal.aborted) return;
    for (const each of await takeFirstUsable(items, take)) done.set(each.item, each);
    sounds++;
    if (performance.now() - shownAt < SHOW_EVERY_MS) return;
    shownAt = performance.now();
    terminal.show([`${grouped(sounds)} of ${countOf(offered.size, 'sound')} checked`]);
  });
}

async function takeFirstUsable(
  items: readonly AdoptionItem[],
  take: (offer: Offer) => Promise<Adoption>,
): Promise<AdoptedItem[]> {
  const done: AdoptedItem[] = [];
  let settled = false;
  for (const item of items) {
    if (settled || item.offer === undefined) {
      done.push({ item, outcome: 'same' });
      continue;
    }
    const { kind: outcome, ...rest } = await take(item.offer);
    done.push({ item, outcome, ...rest });
    settled = outcome !== 'unusable';
  }
  return done;
}
