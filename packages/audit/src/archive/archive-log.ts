/** An unpacked archive read as a log: the same queries, answered from two files. */
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { EVENTS_STREAM_SUBJECTS, jsonIn, MAX_EVENT_BYTES } from '@setlist/contracts';
import { type Recorded, recordedOf, type Selection } from '@setlist/eventlog';
import { FILES, type Place, placeSchema } from './layout.ts';

/** The queries that an audit makes of a log. */
export interface ReadableLog {
  read(selection: Selection): AsyncGenerator<Recorded>;
  at(seq: number): Promise<Recorded | undefined>;
  first(subject: string): Promise<Recorded | undefined>;
}

/** The archive can't be read to its end; the message says why. */
export class ArchiveDamaged extends Error {
  override readonly name = 'ArchiveDamaged';
  readonly code = 'archive-damaged';
}

/** @param folder where the archive was unpacked; reading throws ArchiveDamaged where the places don't fit the events */
export function archiveLog(folder: string): ReadableLog {
  const read = (selection: Selection): AsyncGenerator<Recorded> => readArchive(folder, selection);
  const firstThat = async (
    selection: Selection,
    test: (record: Recorded) => boolean,
  ): Promise<Recorded | undefined> => {
    for await (const record of read(selection)) if (test(record)) return record;
    return undefined;
  };
  return {
    read,
    at: (seq) => firstThat({ from: seq }, (record) => record.seq === seq),
    first: (subject) => firstThat({ subjects: [subject] }, () => true),
  };
}

async function* readArchive(folder: string, { subjects: wanted, from }: Selection): AsyncGenerator<Recorded> {
  const places = linesOf(join(folder, FILES.places));
  try {
    for await (const raw of linesOf(join(folder, FILES.events))) {
      const { value } = (await places.next()) as IteratorResult<Buffer, undefined>;
      if (value === undefined) throw new ArchiveDamaged(`${FILES.places} ends before ${FILES.events}`);
      const { seq, time, subject } = placeIn(value.toString());
      if (typeof from === 'number' && seq < from) continue;
      if (wanted && !wanted.some((filter) => matches(filter, subject))) continue;
      yield recordedOf({ seq, subject, time: new Date(time), raw });
    }
  } finally {
    await places.return(undefined);
  }
}

function placeIn(line: string): Place {
  const place = placeSchema.safeParse(jsonIn(line)).data;
  if (place && EVENTS_STREAM_SUBJECTS.some((filter) => matches(filter, place.subject))) return place;
  throw new ArchiveDamaged(`${FILES.places} has a line that is not a place in a log: ${line.slice(0, 100)}`);
}

/** Lines as bytes, split at line feeds only: a phrase can contain the other characters that count as line ends. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED, start)) {
      yield rest.subarray(start, end);
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > MAX_EVENT_BYTES)
      throw new ArchiveDamaged(`${basename(path)} has a line that is longer than any event`);
  }
}

const LINE_FEED = 10;

/** Whether a subject matches a filter, where `*` is any token and `>` is the rest. */
function matches(filter: string, subject: string): boolean {
  const tokens = subject.split('.');
  const wanted = filter.split('.');
  const rest = wanted.at(-1) === '>';
  if (rest ? tokens.length < wanted.length : tokens.length !== wanted.length) return false;
  return wanted.every(
    (token, at) => token === '*' || (rest && at === wanted.length - 1) || token === tokens[at],
  );
}
