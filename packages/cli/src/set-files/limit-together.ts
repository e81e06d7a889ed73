/** Checks `--max-usd` against what all named files pay together: ingest looks at one file at a time. */
import { moneyConfig, overLimitTogether } from '@setlist/admission';
import type { Provider } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { loadConfig } from '@setlist/runtime';
import type { Problem } from '@setlist/set-file';
import type { ObjectStore } from '@setlist/storage';
import type { RunOptionFlags } from '../command-line/run-options.ts';
import { refusalJson } from '../commands/tell-refusals.ts';
import { refused } from '../failure.ts';
import { sentence } from '../output/plan.ts';
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

export type Limits = Pick<RunOptionFlags, 'maxUsd' | 'fresh'>;

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

/** @throws CommandFailed (2) where the files would cost more together; with `json` the reason is also printed for each */
export async function requireWithinLimit(
  setFiles: readonly SurveyedSetFile[],
  flags: Limits & { readonly json?: boolean },
  maker: Maker,
  here: Surroundings,
): Promise<void> {
  // A single file is refused as a set, by ingest.
  if (setFiles.length < 2) return;
  const problem = await togetherOverLimit(setFiles, flags, maker, here);
  if (problem === undefined) return;
  if (flags.json)
    for (const { path, warnings } of setFiles)
      here.terminal.print(refusalJson({ path, problems: [problem], problemCount: 1, warnings }));
  const { message, remedy } = problem;
  throw refused(`${message}; nothing was spent on them`, sentence(remedy));
}
