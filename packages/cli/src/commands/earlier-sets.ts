/**
 * Sets that an earlier start left unfinished: they continue and cost money although nobody named them this time. And
 * files of an earlier run that a new one replaces.
 */
import { countOf, dollars, type Provider, type SetSummary } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { formatUsd, parseUsd } from '@setlist/polly';
import { openStore } from '@setlist/storage';
import { allSets, foldedSummary, openSets } from '../follow/read-sets.ts';
import type { Continued } from '../output/set-results.ts';
import type { Terminal } from '../output/text/terminal.ts';
import type { ToldCommand } from '../output/text/told-command.ts';
import type { SurveyedSetFile } from '../set-files/check.ts';

export interface Telling {
  readonly terminal: Terminal;
  readonly command: ToldCommand;
}

/** Reports the sets that were unfinished when a system started. @returns those that the system continues */
export function tellUnfinished(
  unfinished: readonly SetSummary[],
  ours: Provider,
  { terminal, command }: Telling,
): SetSummary[] {
  const goneOnWith: SetSummary[] = [];
  for (const summary of unfinished) {
    const { setId: id, counts, state, provider: wanted = ours } = summary;
    const left = countOf(leftOf(counts), 'item');
    const end = `"${command(`cancel ${id}`)}" ends it`;
    if (wanted !== ours)
      terminal.say(`${id} still has ${left} to do and waits for --provider ${wanted}; ${end}.`);
    else if (state === 'paused')
      terminal.say(`${id} is paused with ${left} to do: "${command(`resume ${id}`)}" resumes it, ${end}.`);
    else {
      goneOnWith.push(summary);
      terminal.say(`Going on with ${id} as well, which an earlier start left with ${left} to do: ${end}.`);
    }
  }
  return goneOnWith;
}

/** Notes which files of Polly's the local engine replaces: `--provider polly` can have been forgotten. */
export async function tellReplaced(
  log: EventLog,
  { setFiles, output }: { readonly setFiles: readonly SurveyedSetFile[]; readonly output: string },
  { terminal }: Telling,
): Promise<void> {
  const written = (await allSets(log)).filter(({ counts }) => counts.completed > 0);
  const store = openStore(output);
  for (const { path, set: terms } of setFiles) {
    const location = store.locate(terms.prefix);
    const last = written.find(({ set }) => set.name === terms.name && set.location === location);
    if (last?.provider !== 'polly') continue;
    terminal.note(
      `${path} replaces the files that Polly made for ${last.setId}; run it with --provider polly to put them back: what Polly has made is not paid for again, anything else is.`,
    );
  }
}

export async function tellLeftOver(log: EventLog, { terminal, command }: Telling): Promise<void> {
  for (const { setId: id, counts, state, provider } of await openSets(log)) {
    const by = provider === 'polly' ? ' with --provider polly' : '';
    const next =
      state === 'paused'
        ? `"${command(`resume ${id}`)}" resumes it`
        : `the next "${command('run')}" or "${command('up')}"${by} continues it`;
    terminal.say(
      `${id} still has ${countOf(leftOf(counts), 'item')} to do: ${next}, "${command(`cancel ${id}`)}" ends it.`,
    );
  }
}

/** How the continued sets stand now, and what they have cost since the start. */
export async function continuedSets(log: EventLog, before: readonly SetSummary[]): Promise<Continued[]> {
  const found = await Promise.all(
    before.map(async ({ setId, costUsd }) => {
      const summary = await foldedSummary(log, setId);
      return summary && { summary, addedUsd: formatUsd(parseUsd(summary.costUsd) - parseUsd(costUsd)) };
    }),
  );
  return found.filter((each) => each !== undefined);
}

/** Reports costs that this command's limit did not cover. */
export function tellAdded(continued: readonly Continued[], { terminal }: Telling): void {
  for (const { summary, addedUsd } of continued) {
    if (parseUsd(addedUsd) === 0n) continue;
    terminal.say(
      `This run also paid ${dollars(addedUsd)} for ${summary.setId}, which an earlier start left unfinished: --max-usd covers only the files of this command.`,
    );
  }
}

const leftOf = ({ total, completed, failed }: SetSummary['counts']): number => total - completed - failed;
