/** The content of a message about a rejected set file: what is wrong in it, where, and what to do. */
import { countOf, type EventOf, fileNameOfUri, grouped, reportKeys, shellWord } from '@setlist/contracts';
import type { Fault } from './letter.ts';
import type { Access } from './set-parts.ts';
import type { Variables } from './variables.ts';

type Rejected = EventOf<'SetRejected'> & { readonly setId: string };

/** The most problems that a message lists; the report has up to a thousand. */
const PROBLEMS_SHOWN = 50;

export function rejectedVariables(
  { data, setId }: Rejected,
  { consoleUrl }: Access,
): Variables<'rejected' | 'over-budget'> {
  const { name = '', source, problems, problemCount } = data;
  const file = fileNameOfUri(source.uri);
  const found = countOf(problemCount, 'problem');
  const shown = Math.min(problems.length, PROBLEMS_SHOWN);
  return {
    setId,
    name,
    title: name || file,
    file,
    // Without "./" a command would read it as options.
    fileWord: shellWord(file.startsWith('-') ? `./${file}` : file),
    source: source.uri,
    report: reportOf(source.uri),
    consoleUrl,
    problems: found,
    problemsShown: shown < problemCount ? `The first ${grouped(shown)} of ${found}` : found,
  };
}

export function rejectedFaults({ data }: Rejected): Fault[] {
  const file = fileNameOfUri(data.source.uri);
  return data.problems.slice(0, PROBLEMS_SHOWN).map(({ line, column, message, remedy }) => ({
    where: `${file}:${line}:${column}`,
    problem: message,
    remedy,
  }));
}

/** Where ingest writes the report; beside an object that was replaced before it was refused, it writes none. */
const reportOf = (uri: string): string =>
  uri.startsWith('s3://')
    ? `${reportKeys(uri).text}, unless the file was replaced before it was refused`
    : 'next to the file, if it came through a watched folder: in the folder “rejected” inside it';
