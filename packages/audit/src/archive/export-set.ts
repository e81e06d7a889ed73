/** One set as a file that explains and proves itself: its events, manifest, set file and, if wished, its audio. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type EventOf, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { ObjectStore } from '@setlist/storage';
import { manifestInLog, manifestJson } from '@setlist/tracker';
import { create } from 'tar';
import { isSoundSubject } from '../fold/shadow.ts';
import { ShadowSet } from '../fold/shadow-set.ts';
import { writeChecksums } from './checksums.ts';
import { FILES, type Place, readmeText } from './layout.ts';
import { recordsOfSet } from './records-of-set.ts';

export interface ExportOptions {
  readonly log: Pick<EventLog, 'read' | 'first'>;
  /** Where the kept set files are; left out, the set file is not included. */
  readonly store?: ObjectStore | undefined;
  /** The store that the set's acceptance names; left out, the audio is not included. */
  readonly outputAt?: ((uri: string) => ObjectStore) | undefined;
  readonly now: Date;
}

export interface Exported {
  readonly setId: string;
  readonly events: number;
  readonly audioFiles: number;
  readonly chain: { readonly events: number; readonly head: string };
  /** Files that the log tells of and that are not there any more. */
  readonly missing: readonly string[];
}

/** The archive can't be made, and why. */
export class ExportFailed extends Error {
  override readonly name = 'ExportFailed';
  readonly code = 'export-failed';
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * Writes the archive whole, or nothing.
 * @throws ExportFailed where there is no such set, or a message of it is no event; StoreError
 */
export async function exportSet(setId: string, file: string, options: ExportOptions): Promise<Exported> {
  const staging = await mkdtemp(join(tmpdir(), 'setlist-export-'));
  try {
    const folder = join(staging, setId);
    await mkdir(folder);
    const { set, events } = await writeEvents(options.log, setId, folder);
    const { summary } = set;
    if (summary === undefined)
      throw new ExportFailed(`there is no set ${setId} in the log`, 'See "setlist status".');
    const accepted = (await options.log.first(subjects.state(setId)))?.event;
    const missing: string[] = [];
    let audioFiles = 0;
    if (accepted?.name === 'SetAccepted') {
      await writeManifest(options.log, setId, folder);
      if (options.store) missing.push(...(await writeSetFile(options.store, accepted, folder)));
      const outputAt = options.outputAt?.(accepted.data.output);
      if (outputAt) {
        const copied = await copyAudio({ log: options.log, set, from: outputAt, folder });
        audioFiles = copied.files;
        missing.push(...copied.missing);
      }
    }
    const { chain, state } = summary;
    const about = {
      setId,
      name: summary.set.name,
      state,
      events,
      chain,
      audioFiles,
      exportedAt: options.now,
    };
    await writeFile(join(folder, FILES.readme), readmeText(about));
    await writeChecksums(folder);
    await pack(staging, setId, file);
    return { setId, events, audioFiles, chain, missing };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function pack(staging: string, setId: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.part`;
  await create({ gzip: true, file: draft, cwd: staging, portable: true }, [setId]);
  await rename(draft, file);
}

async function writeEvents(
  log: Pick<EventLog, 'read' | 'first'>,
  setId: string,
  folder: string,
): Promise<{ set: ShadowSet; events: number }> {
  const set = new ShadowSet(setId);
  const places = createWriteStream(join(folder, FILES.places));
  let events = 0;
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    for await (const record of recordsOfSet(log, setId)) {
      const { seq, subject, time, raw } = record;
      if (record.problem?.code === 'not-json' || raw.includes(LINE_FEED)) {
        const remedy = 'Run "setlist audit verify" first: an archive of a damaged log would prove nothing.';
        throw new ExportFailed(`message ${seq} of the set is no event`, remedy);
      }
      if (!isSoundSubject(subject) && setOfSubject(subject) === setId) set.apply(record);
      const place: Place = { seq, time: time.toISOString(), subject };
      if (!places.write(`${JSON.stringify(place)}\n`)) await once(places, 'drain');
      events++;
      yield Buffer.concat([raw, Buffer.of(LINE_FEED)]);
    }
  };
  try {
    await pipeline(Readable.from(lines()), createWriteStream(join(folder, FILES.events)));
  } finally {
    await new Promise<void>((ended) => places.end(() => ended()));
  }
  return { set, events };
}

const LINE_FEED = 10;

async function writeManifest(
  log: Pick<EventLog, 'read' | 'first'>,
  setId: string,
  folder: string,
): Promise<void> {
  const manifest = await manifestInLog(log, setId);
  if (manifest === undefined) return;
  const text = manifestJson(manifest.header, manifest.items());
  await pipeline(Readable.from(text), createWriteStream(join(folder, FILES.manifest)));
}

async function writeSetFile(
  store: ObjectStore,
  { data: { source } }: EventOf<'SetAccepted'>,
  folder: string,
): Promise<string[]> {
  if ((await store.head(source.keptAs)) === undefined) return [store.locate(source.keptAs)];
  const name = `${FILES.setFile}${extname(source.keptAs)}`;
  await writeFile(join(folder, name), await store.get(source.keptAs));
  return [];
}

interface AudioJob {
  readonly log: Pick<EventLog, 'read'>;
  readonly set: ShadowSet;
  readonly from: ObjectStore;
  readonly folder: string;
}

/** Copies what the items' last completions name, under their names. */
async function copyAudio({
  log,
  set,
  from,
  folder,
}: AudioJob): Promise<{ files: number; missing: string[] }> {
  const missing: string[] = [];
  let files = 0;
  for await (const { event } of log.read({ subjects: [subjects.outcome(set.setId, '*', '*', '*')] })) {
    if (event?.name !== 'ItemCompleted' || set.rows.row(event.data.index)?.attempt !== event.data.attempt)
      continue;
    const { file } = event.data;
    if ((await from.head(file)) === undefined) {
      missing.push(from.locate(file));
      continue;
    }
    const path = join(folder, FILES.audio, file);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.from(from.read(file)), createWriteStream(path));
    files++;
  }
  return { files, missing };
}
