/** Checks `--max-usd` against what all named files pay together: ingest looks at one file at a time. */
import { moneyConfig, overLimitTogether } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { loadConfig } from '@setlist/runtime';
import type { Problem } from '@setlist/set-file';
import type { ObjectStore } from '@setlist/storage';
import type { Surroundings } from '../surroundings.ts';
import type { SurveyedSetFile } from './check.ts';
import { itemsOf } from './items.ts';

/** What would make the files, and what is known of the money. */
export interface Maker {
  readonly provider: Provider;
  readonly compat: boolean;
  readonly log: EventLog | undefined;
  readonly store: ObjectStore | undefined;
  readonly signal: AbortSignal;
}

export interface Limits {
  /** For all files together, in US dollars. */
  readonly maxUsd?: string;
  /** Whether everything is recorded again, and paid for again. */
  readonly fresh?: boolean;
}

/** Why the files may not be made, together or as the only one. @throws FileChanged */
export async function togetherOverLimit(
  setFiles: readonly SurveyedSetFile[],
  { maxUsd, fresh = false }: Limits,
  { provider, compat, ...at }: Maker,
  { env }: Pick<Surroundings, 'env'>,
): Promise<Problem | undefined> {
  if (maxUsd === undefined || provider !== 'polly') return undefined;
  const settings = loadConfig(moneyConfig, env);
  const sets = setFiles.map(({ set, survey, ...setFile }) => ({
    set,
    survey,
    items: () => itemsOf(setFile, compat),
  }));
  return overLimitTogether(sets, { maxUsd, fresh, settings, ...at });
}
