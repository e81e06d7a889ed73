/** What making a set would come to; nothing is spent and nothing changes. */
import { availableParallelism } from 'node:os';
import type { Provider } from '@setlist/contracts';
import { type EventLog, NobodyAnswers } from '@setlist/eventlog';
import type { ParsedSet } from '@setlist/set-file';
import type { ObjectStore } from '@setlist/storage';
import { type KnownSounds, knownSounds, type SoundSources } from '../adapters/known-sounds.ts';
import { lexiconDigests } from '../adapters/lexicons.ts';
import type { MonthLog } from '../adapters/month-spending.ts';
import { StoredAudio } from '../adapters/stored-audio.ts';
import type { Characters } from '../domain/prices.ts';
import type { RunTerms } from '../domain/run-options.ts';
import type { MoneySettings } from '../money-settings.ts';
import {
  comparisonOf,
  hashesOf,
  type LeftBehind,
  lexiconNames,
  PLAN_STATES,
  type PlanBasis,
  type PlanItem,
  type PlanState,
} from './compare.ts';
import { lastRunOf } from './last-run.ts';
import { moneyForFree, type PlanMoney, planMoney } from './money.ts';

/** The plan as `plan --json` prints it and the console returns it. */
export interface Plan extends PlanMoney {
  readonly set: string;
  readonly prefix: string;
  readonly items: readonly PlanItem[];
  readonly states: Readonly<Record<PlanState, number>>;
  /** What would be paid now, each sound once. */
  readonly billedCharacters: number;
  readonly estimatedSeconds: number;
  /** The newest run of a set of this name and prefix. */
  readonly lastRun?: { readonly setId: string; readonly acceptedAt: string };
  readonly leftBehind: readonly LeftBehind[];
  /** Set where no dispatcher answers about the set's lexicons: items with lexicons then count as new. */
  readonly lexiconsUnknown?: true;
  /** Set where the store of the audio is not known: everything paid for then counts as stored. */
  readonly audioUnknown?: true;
}

type PlanLog = MonthLog & Pick<EventLog, 'ask' | 'head' | 'last' | 'first' | 'read'>;

export interface PlanTerms {
  readonly provider: Provider;
  readonly terms: RunTerms;
  readonly settings: MoneySettings;
  /** `undefined` where there is no log yet: then nothing is paid for. */
  readonly log: PlanLog | undefined;
  /** Where dispatchers store canonical audio; `undefined` where that is not known. */
  readonly store: Pick<ObjectStore, 'uri' | 'head' | 'read' | 'list'> | undefined;
  /** Ends the work, which then rejects with the signal's reason, for example when the caller has gone. */
  readonly signal?: AbortSignal;
}

/** @throws BrokerUnavailable, LexiconsUnknown or a StoreError: ask again later */
export async function planOf(set: ParsedSet, asked: PlanTerms): Promise<Plan> {
  const { provider, terms, settings, log, store, signal } = asked;
  const digests = await digestsOf(lexiconNames(set), provider, log);
  const lexicons = digests ?? new Map<string, string>();
  const audio = log && store && !terms.fresh ? new StoredAudio(store, log) : undefined;
  const hashes = await hashesOf(set, { provider, lexicons, signal });
  const sounds = await knownSounds({ log, audio, signal }, hashes);
  const lastRun = log && (await lastRunOf(log, set, signal));
  const { fresh } = terms;
  const basis = { provider, lexicons, ...sounds, fresh, lastRun, cores: availableParallelism(), signal };
  const { items, toPay, gone, seconds, leftBehind } = await comparisonOf(set, hashes, basis);
  const money =
    provider === 'polly'
      ? await planMoney({ unpaid: toPay, gone }, { set, terms, settings, log, signal })
      : moneyForFree(await toPayByPolly(set, basis, { log, audio, signal }));
  const inState = PLAN_STATES.map((state) => [state, items.filter((item) => item.state === state).length]);
  return {
    set: set.name,
    prefix: set.prefix,
    items,
    states: Object.fromEntries(inState),
    billedCharacters: Object.values(toPay).reduce((sum, characters) => sum + characters, 0),
    ...money,
    estimatedSeconds: seconds,
    ...(lastRun && { lastRun: { setId: lastRun.setId, acceptedAt: lastRun.acceptedAt } }),
    leftBehind,
    ...(digests === undefined && { lexiconsUnknown: true as const }),
    ...(log && !fresh && store === undefined && { audioUnknown: true as const }),
  };
}

/** Polly's sounds are not the local engine's: what that has made would still have to be paid for. */
async function toPayByPolly(
  set: ParsedSet,
  basis: Omit<PlanBasis, keyof KnownSounds>,
  sources: SoundSources,
): Promise<Characters> {
  const byPolly = { ...basis, provider: 'polly', lastRun: undefined } as const;
  const hashes = await hashesOf(set, byPolly);
  return (await comparisonOf(set, hashes, { ...byPolly, ...(await knownSounds(sources, hashes)) })).toPay;
}

/** Only a dispatcher can read lexicons. @returns `undefined` where none runs */
export async function digestsOf(
  names: ReadonlySet<string>,
  provider: Provider,
  log: Pick<EventLog, 'ask'> | undefined,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (names.size === 0) return new Map();
  try {
    return log && (await lexiconDigests(log, provider, names));
  } catch (error) {
    if (!(error instanceof NobodyAnswers)) throw error;
    return undefined;
  }
}
