/** Refuses files that would cost more together than `--max-usd`. */
import { refused } from '../failure.ts';
import { sentence } from '../output/plan.ts';
import type { SurveyedSetFile } from '../set-files/check.ts';
import { type Limits, type Maker, togetherOverLimit } from '../set-files/limit-together.ts';
import type { Surroundings } from '../surroundings.ts';
import { refusalJson } from './tell-refusals.ts';

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
