/** Reports everything that is wrong with the files given to a command. */
import { countOf } from '@setlist/contracts';
import { formatProblem } from '@setlist/set-file';
import type { Terminal } from '../output/text/terminal.ts';
import type { Checked, SurveyedSetFile } from '../set-files/check.ts';
import { type Refusal, refusalLines } from '../set-files/refusal.ts';

/** Problems go to standard error, since there is no result; with `json` also to standard output, for scripts. */
export function tellRefusals(
  { setFiles, refusals }: Checked<SurveyedSetFile>,
  terminal: Terminal,
  json = false,
): void {
  if (json) for (const refusal of refusals) terminal.print(refusalJson(refusal));
  for (const refusal of refusals) for (const line of refusalLines(refusal)) terminal.say(line);
  terminal.say(terminal.paintSaid.red(refusalSummary(refusals)));
  if (setFiles.length > 0) {
    const others = setFiles.map(({ path }) => path).join(', ');
    terminal.say(
      `Nothing was started, so ${others} ${setFiles.length === 1 ? 'was' : 'were'} not made either.`,
    );
  }
}

/** One line of JSON. */
export const refusalJson = ({ path: file, problems, problemCount, warnings }: Refusal): string =>
  JSON.stringify({ file, ok: false, problems, problemCount, warnings });

export function refusalSummary(refusals: readonly Refusal[]): string {
  const problems = refusals.reduce((sum, { problemCount }) => sum + problemCount, 0);
  return `${countOf(problems, 'problem')} in ${countOf(refusals.length, 'file')}; nothing was spent.`;
}

/** Prints the warnings about all files, accepted or not. */
export function tellWarnings({ setFiles, refusals }: Checked<SurveyedSetFile>, terminal: Terminal): void {
  for (const { path, warnings } of [...setFiles, ...refusals]) {
    for (const warning of warnings) {
      terminal.say(`${terminal.paintSaid.yellow('warning:')} ${formatProblem(path, warning)}`);
    }
  }
}
