/** Checks what several files would pay together against the limit of one command: each alone may be within it. */
import { exactUsd, parseUsd } from '@setlist/polly';
import type { ParsedItem, Problem, SetTerms } from '@setlist/set-file';
import { charactersToPay } from '../adapters/known-sounds.ts';
import { StoredAudio } from '../adapters/stored-audio.ts';
import { plannedItems, type SoundTerms } from '../domain/plan-set.ts';
import { costOnTop, NO_CHARACTERS, sumOf } from '../domain/prices.ts';
import type { SetSurvey } from '../domain/survey.ts';
import { tariffOf } from '../money-settings.ts';
import { soundTerms } from './compare.ts';
import { monthSoFar } from './money.ts';
import { digestsOf, type PlanTerms } from './plan.ts';

/** A set whose items are read as they are needed. */
export interface NamedSet {
  readonly set: Pick<SetTerms, 'prefix'>;
  readonly survey: Pick<SetSurvey, 'lexicons'>;
  items(): AsyncIterable<readonly ParsedItem[]>;
}

export interface Together extends Pick<PlanTerms, 'settings' | 'log' | 'store' | 'signal'> {
  /** The most that all sets together may newly cost, in US dollars. */
  readonly maxUsd: string;
  readonly fresh: boolean;
}

/**
 * The problem if these sets, made by Polly, would newly pay more than the limit: once for a sound that several of them
 * want, unless each records its sounds again.
 * @throws BrokerUnavailable, LexiconsUnknown or a StoreError: ask again later
 */
export async function overLimitTogether(
  sets: readonly NamedSet[],
  together: Together,
): Promise<Problem | undefined> {
  const { maxUsd, settings, log, signal } = together;
  const tariff = tariffOf(settings);
  const unpaid = await unpaidOf(sets, together);
  const before = log && Object.keys(tariff.free).length > 0 ? await monthSoFar(log, signal) : undefined;
  const month = before ? sumOf(before.spent, before.open) : NO_CHARACTERS;
  const cost = costOnTop(month, unpaid, tariff);
  if (cost <= parseUsd(maxUsd)) return undefined;
  return {
    line: 1,
    column: 1,
    path: '',
    code: 'budget',
    message: `what is not paid for yet of all ${sets.length} files costs ${exactUsd(cost)} USD together, more than the --max-usd of ${maxUsd} USD`,
    remedy: 'raise --max-usd, choose a cheaper engine, or name fewer files',
  };
}

async function unpaidOf(sets: readonly NamedSet[], { fresh, log, store, signal }: Together) {
  const names = new Set(sets.flatMap(({ survey }) => survey.lexicons.map(({ name }) => name)));
  const digests = await digestsOf(names, 'polly', log);
  const terms = soundTerms('polly', names, digests ?? new Map());
  const sources = { log, audio: log && store && new StoredAudio(store, log), signal };
  let unpaid = NO_CHARACTERS;
  // Recorded again, a sound is paid for by each set that was accepted after the payment before.
  for (const some of fresh ? sets.map((set) => [set]) : [sets])
    unpaid = sumOf(unpaid, (await charactersToPay(sources, itemsOf(some, terms), fresh)).unpaid);
  return unpaid;
}

async function* itemsOf(sets: readonly NamedSet[], terms: SoundTerms) {
  for (const { set, items } of sets) yield* plannedItems(set.prefix, items(), terms);
}
