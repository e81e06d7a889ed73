/** The letter about a set file that was refused, with what is wrong in it and where. */
import type { EventOf } from '@setlist/contracts';
import type { Letter } from './letter.ts';
import { number, plural, shellWord } from './wording.ts';

/** More than this nobody reads in a mail; the report has up to a thousand. */
const PROBLEMS_SHOWN = 50;

export function rejectedLetter(event: EventOf<'SetRejected'>, setId: string): Letter {
  const { name, source, problems, problemCount } = event.data;
  const file = fileName(source.uri);
  const shown = problems.slice(0, PROBLEMS_SHOWN);
  const found = plural(problemCount, 'problem');
  const about = name === undefined ? `Your set file ${file}` : `Your set file ${file} (set ${name})`;
  return {
    subject: `Setlist: ${file} was refused, ${found}`,
    title: name ?? file,
    status: { label: 'Refused', tone: 'bad' },
    lead: `${about} was refused whole, with ${found}. Nothing was made and nothing was paid for.`,
    facts: [
      { label: 'File', value: source.uri },
      {
        label: 'Whole report',
        value:
          'next to the file, where it came through a watched folder: in the folder “rejected” beside that one',
      },
    ],
    faults: {
      heading: shown.length < problemCount ? `The first ${number(shown.length)} of ${found}` : found,
      faults: shown.map(({ line, column, message, remedy }) => ({
        where: `${file}:${line}:${column}`,
        problem: message,
        remedy,
      })),
    },
    next: [
      {
        what: 'Correct the file, and see that nothing is left:',
        command: `setlist validate ${shellWord(file)}`,
      },
      { what: 'Then hand it in again:', command: `setlist submit ${shellWord(file)}` },
    ],
    setId,
  };
}

/** The last part of a path or URI, as the user wrote it. */
function fileName(uri: string): string {
  const last = uri.split(/[/\\]/).findLast((part) => part !== '') ?? uri;
  if (!URL.canParse(uri)) return last;
  try {
    return decodeURIComponent(last.replace(/[?#].*$/, ''));
  } catch {
    // A stray percent sign: the name as it stands.
    return last;
  }
}
