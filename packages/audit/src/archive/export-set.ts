/** Exports one set as a file that explains and proves itself: events, manifest, set file and, if asked, audio. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { countOf, type EventOf, setOfSubject, subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import { manifestInLog, manifestJson } from '@setlist/sets';
import { flush, flushFolder, type ObjectStore } from '@setlist/storage';
import { create } from 'tar';
import { isSoundSubject } from '../fold/shadow.ts';
import { ShadowSet } from '../fold/shadow-set.ts';
import { Refused } from '../refused.ts';
import { writeChecksums } from './checksums.ts';
import { copyAudio, copyOf } from './copy-audio.ts';
import { FILES, type Place, readmeText } from './layout.ts';
import { recordsOfSet } from './records-of-set.ts';
import { stagingBeside } from './staging.ts';

export interface ExportOptions {
  readonly log: Pick<EventLog, 'read' | 'first' | 'head'>;
  /** Where set files are stored; left out, the set file is not included. */
  readonly store?: ObjectStore | undefined;
  /** The store that the set's acceptance names; left out, the audio is not included. */
  readonly outputAt?: ((uri: string) => ObjectStore) | undefined;
  /** What it must hold at least: as much as the archive that it replaces. */
  readonly least?: Holds | undefined;
  readonly now: Date;
  /** Ends the export, which then throws the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

/** What an archive can lack. */
export interface Holds {
  readonly audioFiles: number;
  readonly hasSetFile: boolean;
}

export interface Exported {
  readonly setId: string;
  readonly events: number;
  readonly audioFiles: number;
  readonly chain: { readonly events: number; readonly head: string };
  /** Files named in the log that are gone or not what was made, or whose store is not known. */
  readonly missing: readonly string[];
}

/** The error of an archive that can't be made. */
const failed = (message: string, remedy: string): Refused => new Refused('export-failed', message, remedy);

/**
 * Writes the whole archive, or nothing. It is put together beside its place; what killed exports left there is removed
 * after a day.
 * @throws Refused where there is no such set, a message of it is not an event, or it lacks what it must hold; StoreError
 */
export async function exportSet(setId: string, file: string, options: ExportOptions): Promise<Exported> {
  const { log, signal } = options;
  if ((await log.first(subjects.ofSet(setId))) === undefined) throw noSuchSet(setId);
  const staging = await stagingBeside(file);
  try {
    const folder = join(staging, setId);
    await mkdir(folder);
    const { set, events, lastSeq } = await writeEvents(options, setId, folder);
    const { summary } = set;
    if (summary === undefined) throw noSuchSet(setId);
    const accepted = await acceptanceOf(log, setId);
    const missing: string[] = [];
    let audioFiles = 0;
    let hasSetFile = false;
    if (accepted) {
      await writeManifest(log, { set, lastSeq, folder });
      hasSetFile = options.store !== undefined && (await writeSetFile(options.store, accepted, folder));
      const { keptAs } = accepted.data.source;
      if (!hasSetFile) missing.push(options.store?.locate(keptAs) ?? keptAs);
      requireSetFile(hasSetFile, file, options);
      const outputAt = options.outputAt?.(accepted.data.output);
      if (outputAt) {
        const copied = await copyAudio({ ...options, set, lastSeq, from: outputAt, folder });
        audioFiles = copied.files;
        for (const each of copied.missing) missing.push(each);
      }
    }
    requireAudio(audioFiles, file, options);
    const { chain, state } = summary;
    const about = {
      setId,
      name: summary.set.name,
      state,
      events,
      chain,
      hasSetFile,
      audioFiles,
      exportedAt: options.now,
    };
    await writeFile(join(folder, FILES.readme), readmeText(about));
    await writeChecksums(folder);
    signal?.throwIfAborted();
    await pack(staging, setId, file);
    return { setId, events, audioFiles, chain, missing };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const noSuchSet = (setId: string): Refused =>
  failed(`there is no set ${setId} in the log`, 'See "setlist status".');

/** @throws Refused where the archive that it would replace has the set file, and this one doesn't */
function requireSetFile(
  hasSetFile: boolean,
  file: string,
  { least, store }: Pick<ExportOptions, 'least' | 'store'>,
): void {
  if (hasSetFile || !least?.hasSetFile) return;
  throw failed(
    `${file} has the set file, which the new archive would not have`,
    store ? 'Move that archive away first.' : 'Give --store, or move that archive away first.',
  );
}

/** @throws Refused where the archive that it would replace has more audio */
function requireAudio(audioFiles: number, file: string, { least }: Pick<ExportOptions, 'least'>): void {
  if (audioFiles >= (least?.audioFiles ?? 0)) return;
  throw failed(
    `${file} has more audio than the new archive would have: ${countOf(audioFiles, 'audio file')}`,
    audioFiles === 0 ? 'Give --audio, or move that archive away first.' : 'Move that archive away first.',
  );
}

async function pack(staging: string, setId: string, file: string): Promise<void> {
  const draft = join(staging, 'archive');
  await create({ gzip: true, file: draft, cwd: staging, portable: true }, [setId]);
  // An archive may be all that is left of a set, so it has to survive a power cut.
  await flush(draft);
  await rename(draft, file);
  await flushFolder(dirname(file));
}

/** What was written of a set, which may change further while the rest of the archive is made. */
interface Written {
  readonly set: ShadowSet;
  /** Sequence of the set's own last event that was written. */
  readonly lastSeq: number;
  readonly folder: string;
}

async function writeEvents(
  { log, signal }: Pick<ExportOptions, 'log' | 'signal'>,
  setId: string,
  folder: string,
): Promise<Written & { events: number }> {
  const set = new ShadowSet(setId);
  const places = createWriteStream(join(folder, FILES.places));
  let failure: Error | undefined;
  places.on('error', (error) => {
    failure ??= error;
  });
  let [events, lastSeq] = [0, 0];
  const lines = async function* (): AsyncGenerator<Uint8Array> {
    for await (const record of recordsOfSet(log, setId)) {
      signal?.throwIfAborted();
      const { seq, subject, time, raw } = record;
      if (record.problem?.code === 'not-json' || raw.includes(LINE_FEED)) {
        const remedy = 'Run "setlist audit verify" first: an archive of a damaged log would prove nothing.';
        throw failed(`message ${seq} of the set is not an event`, remedy);
      }
      if (!isSoundSubject(subject) && setOfSubject(subject) === setId) {
        set.apply(record);
        lastSeq = seq;
      }
      const place: Place = { seq, time: time.toISOString(), subject };
      // A stream that has failed never drains.
      if (failure) throw failure;
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
  if (failure) throw failure;
  return { set, lastSeq, folder, events };
}

const LINE_FEED = 10;

async function writeManifest(
  log: Pick<EventLog, 'read' | 'first'>,
  { set, lastSeq: upToSeq, folder }: Written,
): Promise<void> {
  const manifest = await manifestInLog(log, set.setId, { upToSeq });
  if (manifest === undefined) return;
  const text = manifestJson(manifest.header, manifest.items());
  await pipeline(Readable.from(text), createWriteStream(join(folder, FILES.manifest)));
}

/** @returns whether the set file is still stored as it was handed in; otherwise it is left out */
async function writeSetFile(
  store: ObjectStore,
  { data: { source } }: EventOf<'SetAccepted'>,
  folder: string,
): Promise<boolean> {
  const path = join(folder, `${FILES.setFile}${extname(source.keptAs)}`);
  return copyOf({ store, key: source.keptAs }, path, source.sha256);
}
