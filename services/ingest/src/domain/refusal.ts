/** A refusal for the log, and as a report for the person who dropped the file. */
import { countOf, type EventData, grouped } from '@setlist/contracts';
import { formatProblem, type Problem } from '@setlist/set-file';

type Rejection = EventData<'SetRejected'>;

const MAX_PROBLEMS = 1_000;
const MAX_TEXT_LENGTH = 400;
/** Leaves room for the rest of the event below the broker's limit on a message. */
const MAX_PROBLEMS_BYTES = 900_000;

/**
 * The problems as an event can carry them: at most a thousand, with long texts cut, and together well below the
 * broker's limit on a message.
 */
export function fitProblems(problems: readonly Problem[]): Rejection['problems'] {
  let bytes = 0;
  const fitting: Rejection['problems'] = [];
  for (const problem of problems.slice(0, MAX_PROBLEMS)) {
    const { path, message, remedy } = problem;
    const trimmed = { ...problem, path: cut(path), message: cut(message), remedy: cut(remedy) };
    bytes += Buffer.byteLength(JSON.stringify(trimmed)) + 1;
    if (bytes > MAX_PROBLEMS_BYTES) break;
    fitting.push(trimmed);
  }
  return fitting;
}

const cut = (text: string): string => {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  return `${text.slice(0, MAX_TEXT_LENGTH).toWellFormed()}…`;
};

/** The report for people: a line for each problem, in the form that editors and terminals turn into links. */
export function reportText(fileName: string, { run, problems, problemCount }: Rejection): string {
  const left = problemCount - problems.length;
  return [
    `${fileName} was refused because of ${countOf(problemCount, 'problem')}. Nothing was begun and nothing was paid.`,
    `It was dropped at ${timeOf(run)} (run ${run}). Correct the file and drop it again.`,
    '',
    ...problems.map((problem) => formatProblem(fileName, problem)),
    ...(left > 0 ? [`and ${grouped(left)} more, which are not listed here`] : []),
    '',
  ].join('\n');
}

/** A run begins with the time of its drop. */
export const timeOf = (run: string): string =>
  run.replace(/^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)-.*$/, '$1-$2-$3 $4:$5:$6 UTC');

/** The report for programs. */
export function reportJson(
  fileName: string,
  setId: string,
  rejection: Pick<Rejection, 'run' | 'name' | 'problemCount' | 'problems'>,
): string {
  const { run, name, problemCount, problems } = rejection;
  return `${JSON.stringify({ file: fileName, setId, run, ...(name === undefined ? {} : { name }), problemCount, problems }, null, 2)}\n`;
}

/** Whether a JSON report is about an earlier drop than this run: runs sort by time. False for any other text. */
export function isOfEarlierRun(report: string, run: string): boolean {
  const [, reported] = /^\{\n(?:.*\n)*? {2}"run": "([a-z0-9-]+)"/.exec(report) ?? [];
  return reported !== undefined && reported < run;
}
