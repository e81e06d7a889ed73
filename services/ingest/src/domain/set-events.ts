/** The events that ingest writes, made of what was read, checked and planned. */
import { type EventContext, type EventOf, newEvent, type ParsedSet, type Provider } from '@setlist/contracts';
import type { PlannedItem, SetPlan } from './plan-set.ts';

/** Where the file came from, and under which name its bytes are kept. */
export interface SetFileSource {
  readonly uri: string;
  readonly bytes: number;
  /** Missing where the file was too large to be read. */
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
  readonly warnings: number;
}

export function setAccepted(
  set: ParsedSet,
  plan: SetPlan,
  by: Acceptance,
  now: Date,
): EventOf<'SetAccepted'> {
  const { uri, bytes, kept } = by.source;
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
      priority: set.priority,
      ...(set.budgetUsd === undefined ? {} : { budgetUsd: set.budgetUsd }),
      compat: by.compat,
      warnings: by.warnings,
    },
    contextOf(by.setId, by.run, now),
  );
}

export interface Refusal {
  readonly run: string;
  readonly setId: string;
  /** The set's name, where it could be read. */
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
    contextOf(setId, run, now),
  );
}

export function itemRequested(
  item: PlannedItem,
  accepted: EventOf<'SetAccepted'>,
  now: Date,
): EventOf<'ItemRequested'> {
  const set = accepted.setId ?? '';
  const context = { ...contextOf(set, accepted.data.run, now), causationId: accepted.id };
  return newEvent('ItemRequested', { attempt: 1, ...item }, context);
}

/** Everything that follows from one drop carries its run as correlation id. */
const contextOf = (setId: string, run: string, now: Date): EventContext => ({
  source: 'ingest',
  now,
  setId,
  correlationId: run,
});
