/** The events that ingest writes, built from what was read, checked and planned. */

import type { Characters, PlannedItem, RunTerms, SetPlan, SoundTerms } from '@setlist/admission';
import { type EventContext, type EventOf, newEvent, type Provider } from '@setlist/contracts';
import { ENGINES } from '@setlist/polly';
import type { SetTerms } from '@setlist/set-file';

/** Where the file came from, and the name under which its bytes are kept. */
export interface SetFileSource {
  readonly uri: string;
  readonly bytes: number;
  /** Missing if the file was too large to be read. */
  readonly kept?: { readonly sha256: string; readonly keptAs: string };
}

export interface Acceptance {
  readonly run: string;
  readonly setId: string;
  readonly source: SetFileSource & Required<Pick<SetFileSource, 'kept'>>;
  readonly provider: Provider;
  /** URI of the store where the files land. */
  readonly output: string;
  /** Where a person finds them. */
  readonly location: string;
  readonly compat: boolean;
  readonly lexicons: SoundTerms['lexicons'];
  readonly warnings: number;
  readonly terms: RunTerms;
  /** The moment of the terms' deadline, if they have one. */
  readonly deadline?: Date | undefined;
  /** What was not paid for yet, if a budget, a cap or free characters applied. */
  readonly unpaid?: Characters | undefined;
}

export function setAccepted(set: SetTerms, plan: SetPlan, by: Acceptance, now: Date): EventOf<'SetAccepted'> {
  const { uri, bytes, kept } = by.source;
  const { priority, limit, paths, fresh } = by.terms;
  return newEvent(
    'SetAccepted',
    {
      run: by.run,
      set: {
        name: set.name,
        ...(set.description === undefined ? {} : { description: set.description }),
        location: by.location,
        notify: [...set.notify],
      },
      source: { uri, bytes, ...kept },
      prefix: set.prefix,
      output: by.output,
      provider: by.provider,
      itemCount: plan.itemCount,
      lanes: plan.lanes,
      billedCharacters: plan.billedCharacters,
      estimatedUsd: plan.estimatedUsd,
      usdPerMillion: plan.usdPerMillion,
      priority,
      ...(limit && { budgetUsd: limit.usd }),
      ...(by.unpaid && { unpaid: lanesOf(by.unpaid) }),
      ...(by.deadline && { deadline: by.deadline.toISOString() }),
      ...(paths === 'both' && { paths }),
      ...(fresh && { fresh }),
      compat: by.compat,
      ...(by.lexicons.size > 0 && { lexicons: [...by.lexicons].map(([name, sha256]) => ({ name, sha256 })) }),
      warnings: by.warnings,
    },
    contextOf(by.setId, now),
  );
}

const lanesOf = (characters: Characters) =>
  ENGINES.flatMap((lane) => {
    const billedCharacters = characters[lane] ?? 0;
    return billedCharacters > 0 ? [{ lane, billedCharacters }] : [];
  });

export interface Refusal {
  readonly run: string;
  readonly setId: string;
  /** The set's name, if it could be read. */
  readonly name?: string | undefined;
  readonly notify: readonly string[];
  readonly source: SetFileSource;
  readonly problems: EventOf<'SetRejected'>['data']['problems'];
  readonly problemCount: number;
}

export function setRejected(refusal: Refusal, now: Date): EventOf<'SetRejected'> {
  const { run, setId, name, notify, source, problems, problemCount } = refusal;
  const { uri, bytes, kept } = source;
  return newEvent(
    'SetRejected',
    {
      run,
      ...(name === undefined ? {} : { name }),
      notify: [...notify],
      source: { uri, bytes, ...kept },
      problems,
      problemCount,
    },
    contextOf(setId, now),
  );
}

export function itemRequested(
  item: PlannedItem,
  accepted: EventOf<'SetAccepted'>,
  now: Date,
): EventOf<'ItemRequested'> {
  const context = { ...contextOf(accepted.setId ?? '', now), causationId: accepted.id };
  return newEvent('ItemRequested', { attempt: 1, ...item }, context);
}

/** The set is the correlation id of all that follows from a drop, including sounds, which belong to no set. */
const contextOf = (setId: string, now: Date): EventContext => ({
  source: 'ingest',
  now,
  setId,
  correlationId: setId,
});
