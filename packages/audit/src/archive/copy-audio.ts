/** Copies a set's audio into its archive, with the bytes that the log says were made. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type EventData, namesItsAudio, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { ObjectAt, ObjectStore } from '@setlist/storage';
import type { ShadowSet } from '../fold/shadow-set.ts';
import { sha256OfFile } from './checksums.ts';
import { FILES } from './layout.ts';

export interface AudioJob {
  readonly set: ShadowSet;
  /** Sequence of the set's last event that is in the archive. */
  readonly lastSeq: number;
  /** Folder in which the archive is put together. */
  readonly folder: string;
  readonly log: Pick<EventLog, 'read'>;
  /** Where canonical audio is, for files that a later run has overwritten. */
  readonly store?: ObjectStore | undefined;
  readonly from: ObjectStore;
  readonly signal?: AbortSignal | undefined;
}

/** Copies the files that the items' last completions name, under their names: as they were made, or not at all. */
export async function copyAudio(job: AudioJob): Promise<{ files: number; missing: string[] }> {
  const { log, set, lastSeq, from, folder } = job;
  const missing: string[] = [];
  let files = 0;
  for await (const { event, seq } of log.read({ subjects: [subjects.outcome(set.setId, '*', '*', '*')] })) {
    job.signal?.throwIfAborted();
    if (seq > lastSeq) break;
    if (event?.name !== 'ItemCompleted' || set.rows.row(event.data.index)?.attempt !== event.data.attempt)
      continue;
    const { file, sha256 } = event.data;
    const path = join(folder, FILES.audio, file);
    await mkdir(dirname(path), { recursive: true });
    if (
      (await copyOf({ store: from, key: file }, path, sha256)) ||
      (await copyOf(await soundOf(job, event.data), path, sha256))
    )
      files++;
    else missing.push(from.locate(file));
  }
  return { files, missing };
}

/** @returns whether the object was there with this SHA-256; otherwise nothing is left at the path */
export async function copyOf(object: ObjectAt | undefined, path: string, sha256: string): Promise<boolean> {
  if (object === undefined || (await object.store.head(object.key)) === undefined) return false;
  await pipeline(Readable.from(object.store.read(object.key)), createWriteStream(path));
  if ((await sha256OfFile(path)) === sha256) return true;
  await rm(path);
  return false;
}

/** The canonical audio of a completion, where a payment names it. */
async function soundOf(
  { log, store }: AudioJob,
  { hash, sha256 }: EventData<'ItemCompleted'>,
): Promise<ObjectAt | undefined> {
  if (store === undefined) return undefined;
  let key: string | undefined;
  for await (const { event } of log.read({ subjects: [subjects.sound(hash)] })) {
    if (event?.name !== 'SoundPaid' || event.data.sha256 !== sha256) continue;
    if (namesItsAudio(event.data)) key = event.data.object;
  }
  return key === undefined ? undefined : { store, key };
}
