/** Finds unfinished `--fresh` runs of the files that are to be recorded again: begun anew, they would be paid for twice. */
import type { SetSummary } from '@setlist/contracts';
import { acceptanceOf } from '@setlist/eventlog';
import { openStore } from '@setlist/storage';
import type { SurveyedSetFile } from '../set-files/check.ts';
import { type Limits, type Maker, togetherOverLimit } from '../set-files/limit-together.ts';
import type { PlacedSet } from '../set-files/place.ts';
import type { Surroundings } from '../surroundings.ts';
import type { System } from '../system/start-system.ts';
import type { Telling } from './earlier-sets.ts';

export interface FreshRuns {
  readonly maker: Maker;
  readonly flags: Limits;
  /** Where this run's files go. */
  readonly output: string;
}

/**
 * The sets that go on instead of beginning anew: each an unfinished fresh run of the same bytes to the same place, whose
 * deadline has not passed. What they have left costs at most what a new run would, so they are held to its limit.
 */
export async function begunFresh(
  setFiles: readonly SurveyedSetFile[],
  { log, unfinished }: Pick<System, 'log' | 'unfinished'>,
  runs: FreshRuns,
  here: Surroundings,
): Promise<PlacedSet[]> {
  const { maker, flags, output } = runs;
  if (!flags.fresh) return [];
  const found: PlacedSet[] = [];
  const left = new Set(unfinished);
  for (const setFile of setFiles) {
    const { set, file } = setFile;
    const location = openStore(output).locate(set.prefix);
    for (const summary of left) {
      if (summary.provider !== maker.provider || summary.set.location !== location) continue;
      const accepted = (await acceptanceOf(log, summary.setId))?.data;
      if (!accepted?.fresh) continue;
      const { source, compat, deadline } = accepted;
      if (source.sha256 !== file.sha256 || compat !== maker.compat) continue;
      if (deadline !== undefined && Date.parse(deadline) <= log.clock.now()) continue;
      if (await togetherOverLimit([setFile], flags, maker, here)) continue;
      left.delete(summary);
      found.push({ setId: summary.setId, name: set.name, setFile });
      break;
    }
  }
  return found;
}

/** Says which sets go on, and how to begin anew. */
export function tellBegunFresh(
  begun: readonly PlacedSet[],
  unfinished: readonly SetSummary[],
  { terminal, command }: Telling,
): void {
  for (const { setId, setFile } of begun) {
    const isPaused = unfinished.some((summary) => summary.setId === setId && summary.state === 'paused');
    terminal.say(
      `Going on with ${setId}, the unfinished --fresh run of ${setFile.path}, instead of paying again for what it has; to begin anew, first "${command(`cancel ${setId}`)}".`,
    );
    if (isPaused) terminal.say(`${setId} is paused: "${command(`resume ${setId}`)}" resumes it.`);
  }
}
