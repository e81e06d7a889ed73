/** What a checked set asks for: every sound by its hash, where it goes, what all of it costs and how long it takes. */
import {
  type EventData,
  type ParsedItem,
  type ParsedSet,
  type Provider,
  type Sound,
  soundHash,
} from '@setlist/contracts';
import { costOf, ENGINES, type Engine, type Operation, QUOTAS, type Quota, type Usd } from '@setlist/polly';
import { exactUsd, type Prices } from './prices.ts';

/** What a sound depends on besides its item. */
export interface SoundTerms {
  readonly provider: Provider;
  /** SHA-256 of each lexicon's content, by name. */
  readonly lexicons: ReadonlyMap<string, string>;
}

/** What a plan depends on besides the set itself. */
export interface PlanTerms extends SoundTerms {
  readonly prices: Prices;
  /** How fast the account may ask; Polly's defaults unless given. */
  readonly quotas?: Readonly<Record<Engine, Readonly<Record<Operation, Quota>>>>;
}

/** One phrase, with the sound it wants and the file it goes to. */
export interface PlannedItem {
  readonly index: number;
  readonly lane: Engine;
  /** Object key in the output store, prefix included. */
  readonly file: string;
  /** Content hash of the sound. */
  readonly hash: string;
  readonly sound: Sound;
  readonly billedCharacters: number;
  readonly operation: Operation;
}

export interface SetPlan {
  readonly itemCount: number;
  readonly lanes: EventData<'SetAccepted'>['lanes'];
  readonly billedCharacters: number;
  /** Prices of the engines that the set uses. */
  readonly usdPerMillion: Record<string, string>;
  /** If nothing could be reused. */
  readonly estimatedUsd: string;
  /** Seconds that the quotas impose, if nothing could be reused; 0 where the bursts take it all. */
  readonly estimatedSeconds: number;
  /** See {@link plannedItems}. */
  items(): Generator<PlannedItem>;
}

/** A lexicon that an item names is none of those that exist. */
export class LexiconMissing extends Error {
  override readonly name = 'LexiconMissing';
  readonly code = 'lexicon-missing';
  readonly remedy = 'Put the lexicon back where it was.';
}

/** Plans a set; nothing is asked and nothing is spent. */
export function planSet(set: ParsedSet, terms: PlanTerms): SetPlan {
  const lanes = lanesOf(set.items);
  return {
    itemCount: set.items.length,
    lanes,
    billedCharacters: lanes.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0),
    usdPerMillion: Object.fromEntries(lanes.map(({ lane }) => [lane, terms.prices[lane]])),
    estimatedUsd: exactUsd(
      lanes.reduce(
        (sum, { lane, billedCharacters }) => sum + costOf(billedCharacters, terms.prices[lane]),
        0n,
      ),
    ),
    estimatedSeconds: secondsOf(set.items, terms.quotas ?? QUOTAS),
    items: () => plannedItems(set, terms),
  };
}

/**
 * In the order of the file; hashed on the way, so that a large set is never held twice. Throws a
 * {@link LexiconMissing} at an item for one of whose lexicons the terms have no digest.
 */
export function* plannedItems(set: ParsedSet, terms: SoundTerms): Generator<PlannedItem> {
  for (const item of set.items) yield plannedItem(set, item, terms);
}

/** What the sounds cost that nobody has paid for; a sound that a set names twice is paid for once. */
export function costOfUnpaid(plan: SetPlan, paid: ReadonlySet<string>, prices: Prices): Usd {
  const counted = new Set(paid);
  let cost = 0n;
  for (const { hash, lane, billedCharacters } of plan.items()) {
    if (counted.has(hash)) continue;
    counted.add(hash);
    cost += costOf(billedCharacters, prices[lane]);
  }
  return cost;
}

function plannedItem(set: ParsedSet, item: ParsedItem, { provider, lexicons }: SoundTerms): PlannedItem {
  const { index, engine, voice, language, format, sampleRate, textType, text } = item;
  const sound: Sound = {
    provider,
    engine,
    voice,
    ...(language === undefined ? {} : { language }),
    format,
    sampleRate,
    textType,
    text,
    lexicons: item.lexicons.map((name) => ({ name, sha256: digestOf(name, lexicons) })),
    speechMarks: [...item.speechMarks],
  };
  return {
    index,
    lane: engine,
    file: `${set.prefix}/${item.file}`,
    hash: soundHash(sound),
    sound,
    billedCharacters: item.billedCharacters,
    operation: item.operation,
  };
}

function digestOf(name: string, lexicons: ReadonlyMap<string, string>): string {
  const digest = lexicons.get(name);
  if (digest === undefined) throw new LexiconMissing(`there is no lexicon ${name} any more`);
  return digest;
}

function lanesOf(items: readonly ParsedItem[]): SetPlan['lanes'] {
  return ENGINES.flatMap((lane) => {
    const own = items.filter(({ engine }) => engine === lane);
    if (own.length === 0) return [];
    return [
      {
        lane,
        items: own.length,
        billedCharacters: own.reduce((sum, item) => sum + item.billedCharacters, 0),
      },
    ];
  });
}

/** Lanes and operations have quotas of their own and run side by side: the slowest one counts. */
function secondsOf(items: readonly ParsedItem[], quotas: NonNullable<PlanTerms['quotas']>): number {
  const calls = new Map<Quota, number>();
  for (const { engine, operation } of items) {
    const quota = quotas[engine][operation];
    calls.set(quota, (calls.get(quota) ?? 0) + 1);
  }
  const seconds = [...calls].map(([{ rps, burst }, count]) => Math.max(0, count - burst) / rps);
  return Math.ceil(Math.max(0, ...seconds));
}
