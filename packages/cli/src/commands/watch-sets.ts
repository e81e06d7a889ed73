/** Shows sets as they change: `status --watch`. */
import { ALL_SETS_KEYS, type SetSummary } from '@setlist/contracts';
import { followSets } from '../follow/follow-sets.ts';
import { whileRunning } from '../follow/while-running.ts';
import { plainLine, tenthOf } from '../output/progress-line.ts';
import { showProgress } from '../output/progress-view.ts';
import { setJson } from '../output/set-json.ts';
import { liveSetsTable, setsTable } from '../output/set-tables.ts';
import type { Terminal } from '../output/text/terminal.ts';
import type { ToldCommand } from '../output/text/told-command.ts';
import type { OpenedLog } from '../system/open-log.ts';

export interface Show {
  readonly terminal: Terminal;
  /** Prints only a line of JSON for each change. */
  readonly json: boolean;
  readonly command: ToldCommand;
}

const REDRAW_MS = 300;

/** Shows one set until it has ended. */
export async function watchOne(
  { log, system }: OpenedLog,
  { setId, set }: SetSummary,
  { terminal, json, command }: Show,
  stop: AbortSignal,
): Promise<void> {
  const follow = (onChange: (summary: SetSummary) => void): Promise<SetSummary[]> =>
    whileRunning({ system, command }, stop, (signal) => followSets(log, [setId], onChange, signal));
  const printJson = (summary: SetSummary): void => terminal.print(JSON.stringify(setJson(summary)));
  if (json) {
    await follow(printJson);
    return;
  }
  let last: SetSummary | undefined;
  {
    using view = showProgress(terminal, [{ setId, name: set.name }]);
    [last] = await follow((summary) => view.update(summary));
  }
  if (last) for (const line of setsTable([last], terminal.paint)) terminal.print(line);
}

/** Shows all sets until stopped. */
export async function watchAll(
  { log, system }: OpenedLog,
  { terminal, json, command }: Show,
  stop: AbortSignal,
): Promise<void> {
  const sets = new Map<string, SetSummary>();
  const draw = (): void => terminal.show(liveSetsTable([...sets.values()], terminal));
  const timer = terminal.isLive && !json ? setInterval(draw, REDRAW_MS) : undefined;
  const follow = async (signal: AbortSignal): Promise<void> => {
    for await (const { value } of log.sets.watch<SetSummary>(ALL_SETS_KEYS, signal)) {
      const before = sets.get(value.setId);
      sets.set(value.setId, value);
      if (json) terminal.print(JSON.stringify(setJson(value)));
      else if (!terminal.isLive && isNews(before, value)) terminal.print(lineOf(value));
    }
  };
  try {
    await whileRunning({ system, command }, stop, follow);
  } finally {
    clearInterval(timer);
    terminal.clear();
  }
  stop.throwIfAborted();
}

function lineOf(summary: SetSummary): string {
  const line = plainLine({ name: summary.setId, summary, perSecond: undefined });
  return summary.state === 'rejected' ? line : `${line}, ${summary.state}`;
}

/** Whether the state or the tenth has changed. */
const isNews = (before: SetSummary | undefined, after: SetSummary): boolean =>
  before?.state !== after.state || tenthOf(before) !== tenthOf(after);
