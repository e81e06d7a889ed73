/** An acceptance for the person who dropped the file: its warnings, and that an earlier report is superseded. */
import type { EventOf } from '@setlist/contracts';
import { formatProblem, type Problem } from '@setlist/set-file';
import { timeOf } from './refusal.ts';

/** The event, and the warnings about the file. */
export interface Accepted {
  readonly because: EventOf<'SetAccepted'>;
  readonly warnings: readonly Problem[];
}

/** The text beside a file that was accepted with warnings, and its replacement once the file has none. */
export function warningsText(fileName: string, { because, warnings }: Accepted): string {
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length || 'no'} warnings`;
  const lines = warnings.map((warning) => formatProblem(fileName, warning));
  return [
    `${headOf(fileName, because)} with ${count}.`,
    ...(lines.length > 0 ? ['', ...lines] : []),
    '',
  ].join('\n');
}

/** The replacement for the report beside a file that has been corrected. */
export const acceptanceText = (fileName: string, because: EventOf<'SetAccepted'>): string =>
  `${headOf(fileName, because)}. An earlier upload of this file was refused; this one replaces it.\n`;

/** Whether a warnings text is about an earlier drop than this run. False for any other text. */
export function warnsOfEarlierRun(text: string, run: string): boolean {
  const [, warned] = /^.*, dropped at .* \(run ([a-z0-9-]+)\), is accepted as /.exec(text) ?? [];
  return warned !== undefined && warned < run;
}

const headOf = (fileName: string, { setId = '', data }: EventOf<'SetAccepted'>): string =>
  `${fileName}, dropped at ${timeOf(data.run)} (run ${data.run}), is accepted as ${setId}`;
