/** Backs up the log and its projections to a folder, and restores them with all sequences and times. */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EVENTS_STREAM, jsonIn } from '@setlist/contracts';
import type { Maintenance, SnapshotHead } from '@setlist/eventlog';
import { orGone } from '@setlist/runtime';
import { flushFolders, writeWhole } from '@setlist/storage';
import { sha256OfFile } from '../archive/checksums.ts';
import { Refused } from '../refused.ts';

/** `backup.json`: what the folder holds, written last. */
interface Contents {
  readonly form: 1;
  readonly takenAt: string;
  readonly streams: readonly {
    readonly head: SnapshotHead;
    readonly file: string;
    readonly sha256: string;
  }[];
}

/** A backup whose files have all been checked. */
export interface Backup {
  readonly folder: string;
  readonly takenAt: string;
  readonly streams: Contents['streams'];
}

export interface BackedUp {
  readonly stream: string;
  readonly messages: number;
  readonly lastSeq: number;
}

/** The error of a folder or broker that can't be used as asked. */
const refused = (message: string, remedy: string): Refused => new Refused('backup-refused', message, remedy);

const CONTENTS = 'backup.json';

/**
 * Writes a backup into a new or empty folder; a system can keep running meanwhile. The log is backed up last, so it
 * includes every event that a projection includes.
 * @throws Refused, BrokerUnavailable
 */
export async function backUp(broker: Maintenance, folder: string, now: Date): Promise<BackedUp[]> {
  const made = await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw refused(`${folder} is not empty`, 'Name a new folder for each backup.');
  }
  const streams: Contents['streams'][number][] = [];
  for (const stream of (await broker.streams()).reverse()) {
    const { head, chunks } = await broker.snapshot(stream);
    const file = `${stream}.snapshot`;
    await pipeline(Readable.from(chunks), createWriteStream(join(folder, file), { flush: true }));
    streams.push({ head, file, sha256: await sha256OfFile(join(folder, file)) });
  }
  const contents: Contents = { form: 1, takenAt: now.toISOString(), streams };
  await writeWhole(join(folder, CONTENTS), `${JSON.stringify(contents, null, 2)}\n`);
  await flushFolders(folder, made);
  return streams.map(backedUp);
}

const backedUp = ({ head }: Contents['streams'][number]): BackedUp => ({
  stream: head.stream,
  messages: head.state.messages,
  lastSeq: head.state.last_seq,
});

/**
 * Creates the streams of a backup in a broker that has none of them, except those that an interrupted restore of this
 * backup has left.
 * @throws Refused where the broker already has a log, or buckets of another one; BrokerUnavailable
 */
export async function restoreBackup(broker: Maintenance, { folder, streams }: Backup): Promise<BackedUp[]> {
  const there = await broker.streams();
  const brought: string[] = [];
  // The log is restored last, and each stream appears complete: where the log is there, no restore was interrupted.
  for (const { head } of there.includes(EVENTS_STREAM) ? [] : streams)
    if (there.includes(head.stream) && (await standsAs(broker, head))) brought.push(head.stream);
  const inTheWay = there.filter((stream) => !brought.includes(stream));
  if (inTheWay.length > 0) throw refused(`the broker already has ${inTheWay.join(' and ')}`, NO_ROOM);
  for (const { head, file } of streams) {
    if (brought.includes(head.stream)) continue;
    await broker.restore(head, createReadStream(join(folder, file)));
  }
  return streams.map(backedUp);
}

const NO_ROOM =
  'Name a broker that has no log yet with --server, or leave --server out and restore into a data folder of its own: --data NEW-FOLDER.';

/** Whether a stream ends as it did when its snapshot was taken: with the same last sequence and time. */
async function standsAs(broker: Maintenance, { stream, state }: SnapshotHead): Promise<boolean> {
  const { head, chunks } = await broker.snapshot(stream);
  // Only the head is needed, but the chunks can be abandoned only after reading has started.
  await chunks.next();
  await chunks.return(undefined);
  return head.state.last_seq === state.last_seq && head.state.last_ts === state.last_ts;
}

/** What a backup holds, with every file checked. @throws Refused where the folder is not a complete backup */
export async function readBackup(folder: string): Promise<Backup> {
  const text = await orGone(readFile(join(folder, CONTENTS), 'utf8'));
  if (text === undefined) {
    const remedy = 'Name the folder that "setlist audit backup" wrote.';
    throw refused(`${folder} holds no finished backup`, remedy);
  }
  const contents = jsonIn(text) as Contents | undefined;
  if (contents === undefined) throw damaged(`${CONTENTS} is not JSON`);
  const { takenAt, streams } = contents;
  for (const { file, sha256 } of streams) {
    if (!existsSync(join(folder, file))) throw damaged(`${file} is missing`);
    if ((await sha256OfFile(join(folder, file))) !== sha256)
      throw damaged(`${file} has changed since the backup`);
  }
  return { folder, takenAt, streams };
}

const damaged = (message: string): Refused => refused(message, 'Use another backup: this one is damaged.');

/** Reads the snapshot of one stream from a checked backup. */
export function snapshotIn(
  { folder, streams }: Backup,
  stream: string,
): { head: SnapshotHead; chunks: AsyncIterable<Uint8Array> } {
  const found = streams.find(({ head }) => head.stream === stream);
  if (!found) throw refused(`${folder} has no stream ${stream}`, 'Use a backup of a system that has run.');
  return { head: found.head, chunks: createReadStream(join(folder, found.file)) };
}
