/** `setlist validate`: reports everything that is wrong with set files, and does nothing else. */
import { countOf, grouped } from '@setlist/contracts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../output/text/terminal.ts';
import { type Checked, type SurveyedSetFile, surveyFiles } from '../set-files/check.ts';
import { type Refusal, refusalLines } from '../set-files/refusal.ts';
import type { Surroundings } from '../surroundings.ts';
import { refusalJson, refusalSummary, tellWarnings } from './tell-refusals.ts';

export interface ValidateFlags {
  readonly compat?: boolean;
  readonly json?: boolean;
}

export async function validate(
  files: readonly string[],
  flags: ValidateFlags,
  { terminal, cwd }: Surroundings,
): Promise<ExitCode> {
  const checked = await surveyFiles(files, { cwd, compat: flags.compat ?? false });
  const { refusals } = checked;
  if (flags.json) {
    for (const line of jsonLines(files, checked)) terminal.print(line);
  } else {
    tellWarnings(checked, terminal);
    for (const refusal of refusals) for (const line of refusalLines(refusal)) terminal.print(line);
    for (const setFile of checked.setFiles) {
      terminal.print(`${setFile.path}: ${terminal.paint.green(soundLine(setFile))}`);
      noteTasks(setFile, terminal);
    }
    if (refusals.length > 0) terminal.say(terminal.paintSaid.red(refusalSummary(refusals)));
  }
  return refusals.length > 0 ? EXIT.refused : EXIT.done;
}

const soundLine = ({ survey }: SurveyedSetFile): string =>
  `valid, ${countOf(survey.itemCount, 'item')}, ${countOf(charactersOf(survey), 'character')}`;

/** Notes texts that need a task bucket: only a running system knows whether it has one. */
function noteTasks({ path, survey: { needTask } }: SurveyedSetFile, { say }: Terminal): void {
  const [first] = needTask.first;
  if (first === undefined) return;
  const texts = needTask.count === 1 ? '1 text is' : `${grouped(needTask.count)} texts are`;
  const needs = needTask.count === 1 ? 'needs' : 'need';
  say(
    `note: ${path}:${first.line}:${first.column}: ${texts} too long for a call and ${needs} a task bucket with Polly (name one with --task-bucket or TASK_BUCKET, or split the text)`,
  );
}

const charactersOf = ({ lanes }: SurveyedSetFile['survey']): number =>
  lanes.reduce((sum, { billedCharacters }) => sum + billedCharacters, 0);

/** One object for each file, in the order they were given. */
function jsonLines(files: readonly string[], { setFiles, refusals }: Checked<SurveyedSetFile>): string[] {
  const byPath = new Map<string, SurveyedSetFile | Refusal>(
    [...setFiles, ...refusals].map((entry) => [entry.path, entry]),
  );
  return files.flatMap((path) => {
    const entry = byPath.get(path);
    if (entry === undefined) return [];
    return ['set' in entry ? soundJson(entry) : refusalJson(entry)];
  });
}

function soundJson({ path, set, survey, warnings }: SurveyedSetFile): string {
  const facts = { set: set.name, prefix: set.prefix, items: survey.itemCount };
  const billedCharacters = charactersOf(survey);
  return JSON.stringify({
    file: path,
    ok: true,
    ...facts,
    billedCharacters,
    needTaskBucket: survey.needTask.count,
    problems: [],
    problemCount: 0,
    warnings,
  });
}
