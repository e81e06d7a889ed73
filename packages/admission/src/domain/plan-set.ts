/** What a checked set needs: every sound by its hash, the file it goes to, the total cost and the time. */
import { type Provider, type Sound, soundHash } from '@setlist/contracts';
import { costOf, type Engine, exactUsd, type Operation, QUOTAS } from '@setlist/polly';
import type { ParsedItem, SetTerms } from '@setlist/set-file';
import type { Prices } from './prices.ts';
import type { SetSurvey } from './survey.ts';

/** What a sound depends on besides its item. */
export interface SoundTerms {
  readonly provider: Provider;
  /** SHA-256 of each lexicon's content, by name. */
  readonly lexicons: ReadonlyMap<string, string>;
}

/** One phrase, with its sound and the file it goes to. */
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
  readonly lanes: SetSurvey['lanes'];
  readonly billedCharacters: number;
  /** List prices of the engines that the set uses. */
  readonly usdPerMillion: Record<string, string>;
  /** The cost at those prices if nothing could be reused. */
  readonly estimatedUsd: string;
}

/** A lexicon that an item names does not exist. */
export class LexiconMissing extends Error {
  override readonly name = 'LexiconMissing';
  readonly code = 'lexicon-missing';
  readonly remedy = 'Put the lexicon back where it was.';
}

/** Plans a set without any I/O; nothing is spent. */
export function planSet({ itemCount, lanes }: SetSurvey, prices: Prices): SetPlan {
  const cost = lanes.reduce(
    (sum, { lane, billedCharacters }) => sum + costOf(billedCharacters, prices[lane]),
    0n,
  );
  return {
    itemCount,
    lanes,
    billedCharacters: lanes.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0),
    usdPerMillion: Object.fromEntries(lanes.map(({ lane }) => [lane, prices[lane]])),
    estimatedUsd: exactUsd(cost),
  };
}

/** @throws LexiconMissing where the terms have no digest for one of the item's lexicons */
export function plannedItem(
  prefix: string,
  item: ParsedItem,
  { provider, lexicons }: SoundTerms,
): PlannedItem {
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
    file: `${prefix}/${item.file}`,
    hash: soundHash(sound),
    sound,
    billedCharacters: item.billedCharacters,
    operation: item.operation,
  };
}

/** A set's items with their sounds and files, in batches. */
export async function* plannedItems(
  prefix: string,
  batches: AsyncIterable<readonly ParsedItem[]>,
  terms: SoundTerms,
): AsyncGenerator<PlannedItem[]> {
  for await (const items of batches) yield items.map((item) => plannedItem(prefix, item, terms));
}

function digestOf(name: string, lexicons: ReadonlyMap<string, string>): string {
  const digest = lexicons.get(name);
  if (digest === undefined) throw new LexiconMissing(`the lexicon ${name} does not exist any more`);
  return digest;
}

/**
 * Seconds that Polly's default quotas impose; 0 where the bursts cover everything. Lanes and operations have separate
 * quotas and run in parallel: the slowest one counts. With `paths: both`, an engine's two quotas add up for all its
 * texts, while those that need a task have only the quota for tasks.
 */
export function secondsFor(calls: SetSurvey['calls'], paths: SetTerms['paths'] = 'auto'): number {
  const seconds = calls.map(({ engine, operation, items }) => {
    const { synthesize, task } = QUOTAS[engine];
    if (operation === 'task' || paths !== 'both') return secondsAt(QUOTAS[engine][operation], items);
    const long = calls.find((other) => other.engine === engine && other.operation === 'task')?.items ?? 0;
    const both = { rps: synthesize.rps + task.rps, burst: synthesize.burst + task.burst };
    return secondsAt(both, items + long);
  });
  return Math.ceil(Math.max(0, ...seconds));
}

const secondsAt = ({ rps, burst }: { rps: number; burst: number }, items: number): number =>
  Math.max(0, items - burst) / rps;
