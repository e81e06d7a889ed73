/** A set's requests added up by lane, and compared with the set's acceptance once all items have been requested. */
import type { EventData, SetSummary } from '@setlist/contracts';
import type { Fault } from './judgement.ts';

type Lanes = EventData<'SetAccepted'>['lanes'];
type Sum = Omit<Lanes[number], 'lane'>;

/** The running sums of one set, a few numbers for each lane. */
export class RequestSums {
  readonly #lanes = new Map<string, Sum>();
  #items = 0;

  /** Adds an item's first request; with the last item's, reports the lanes whose sums don't match. */
  take({ lane, billedCharacters }: EventData<'ItemRequested'>, { lanes, counts }: SetSummary): Fault[] {
    const sum = this.#lanes.get(lane) ?? NOTHING;
    this.#lanes.set(lane, {
      items: sum.items + 1,
      billedCharacters: sum.billedCharacters + billedCharacters,
    });
    if (++this.#items !== counts.total) return [];
    const accepted = new Map<string, Sum>(lanes.map((one) => [one.lane, one]));
    return [...new Set([...accepted.keys(), ...this.#lanes.keys()])].flatMap((each) => {
      const [said, made] = [accepted.get(each) ?? NOTHING, this.#lanes.get(each) ?? NOTHING];
      if (said.items === made.items && said.billedCharacters === made.billedCharacters) return [];
      const what = `the set was accepted with ${told(said)} for ${each}; its requests add up to ${told(made)}`;
      return [{ code: 'acceptance-contradicted' as const, what }];
    });
  }
}

/** A fault where an acceptance's totals are not the sums of its lanes. */
export function acceptanceFaults({ itemCount, billedCharacters, lanes }: EventData<'SetAccepted'>): Fault[] {
  const items = lanes.reduce((sum, lane) => sum + lane.items, 0);
  const characters = lanes.reduce((sum, lane) => sum + lane.billedCharacters, 0);
  if (items === itemCount && characters === billedCharacters) return [];
  const made = told({ items, billedCharacters: characters });
  const what = `the set was accepted with ${told({ items: itemCount, billedCharacters })}; its lanes add up to ${made}`;
  return [{ code: 'acceptance-contradicted', what }];
}

const NOTHING: Sum = { items: 0, billedCharacters: 0 };

const told = ({ items, billedCharacters }: Sum): string => `${items} items of ${billedCharacters} characters`;
