/** An acceptance as the person reads it who dropped the file: what it was let through with, and what an earlier report is worth. */
import type { EventOf } from '@setlist/contracts';
import { formatProblem, type Problem } from '@setlist/set-file';
import { timeOf } from './refusal.ts';

/** The event, and what was found in the file all the same. */
export interface Accepted {
  readonly because: EventOf<'SetAccepted'>;
  readonly warnings: readonly Problem[];
}

/** What lies beside a file that was let through with warnings, and what takes its place where there are none any more. */
export function warningsText(fileName: string, { because, warnings }: Accepted): string {
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length || 'no'} warnings`;
  const lines = warnings.map((warning) => formatProblem(fileName, warning));
  return [
    `${headOf(fileName, because)} with ${count}.`,
    ...(lines.length > 0 ? ['', ...lines] : []),
    '',
  ].join('\n');
}

/** What takes the place of a report that lies beside a file which was corrected. */
export const acceptanceText = (fileName: string, because: EventOf<'SetAccepted'>): string =>
  `${headOf(fileName, because)}. An earlier upload of this file was refused; this one replaces it.\n`;

/** Whether warnings that lie there are of a drop before this run. False for what are none of ours. */
export function warnsOfEarlierRun(text: string, run: string): boolean {
  const [, warned] = /^.*, dropped at .* \(run ([a-z0-9-]+)\), is accepted as /.exec(text) ?? [];
  return warned !== undefined && warned < run;
}

const headOf = (fileName: string, { setId = '', data }: EventOf<'SetAccepted'>): string =>
  `${fileName}, dropped at ${timeOf(data.run)} (run ${data.run}), is accepted as ${setId}`;
