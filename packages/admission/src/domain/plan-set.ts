/** What a checked set asks for: every sound by its hash, where it goes, what all of it costs and how long it takes. */
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
  readonly lanes: SetSurvey['lanes'];
  readonly billedCharacters: number;
  /** List prices of the engines that the set uses. */
  readonly usdPerMillion: Record<string, string>;
  /** By those prices, if nothing could be reused. */
  readonly estimatedUsd: string;
}

/** A lexicon that an item names is none of those that exist. */
export class LexiconMissing extends Error {
  override readonly name = 'LexiconMissing';
  readonly code = 'lexicon-missing';
  readonly remedy = 'Put the lexicon back where it was.';
}

/** Plans a set; nothing is asked and nothing is spent. */
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

/** Throws a {@link LexiconMissing} where the terms have no digest for one of the item's lexicons. */
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

function digestOf(name: string, lexicons: ReadonlyMap<string, string>): string {
  const digest = lexicons.get(name);
  if (digest === undefined) throw new LexiconMissing(`there is no lexicon ${name} any more`);
  return digest;
}

/**
 * Seconds that Polly's default quotas impose; 0 where the bursts take it all. Lanes and operations have quotas of their
 * own and run side by side: the slowest one counts. By both paths an engine's two quotas add up for all its texts, of which
 * those that only a task takes have the one for tasks alone.
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
