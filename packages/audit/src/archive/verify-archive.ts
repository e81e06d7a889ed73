/** Checks an archive on its own: its files, its events against each other, and its files against its events. */
import { createReadStream, lstatSync, type Stats } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { MAX_ITEMS, type SetSummary, subjects } from '@setlist/contracts';
import { acceptanceOf } from '@setlist/eventlog';
import { manifestInLog, manifestJson } from '@setlist/sets';
import { keyProblem, sha256OfPieces } from '@setlist/storage';
import { type ReadEntry, UnpackSync } from 'tar';
import type { ShadowSet } from '../fold/shadow-set.ts';
import { placeOfHead } from '../verify/chain-of.ts';
import { counting, fault, note, type Report } from '../verify/finding.ts';
import { LogAudit } from '../verify/log-audit.ts';
import { ArchiveDamaged, archiveLog, type ReadableLog } from './archive-log.ts';
import { sha256OfFile, wrongChecksums } from './checksums.ts';
import { FILES } from './layout.ts';

/** What an archive holds, as far as it can be read. */
interface Told {
  readonly setId: string | undefined;
  readonly state: SetSummary['state'] | undefined;
  readonly events: number;
  readonly hasSetFile: boolean;
  readonly audioFiles: number;
  readonly chain: SetSummary['chain'] | undefined;
}
const NOTHING = {
  setId: undefined,
  state: undefined,
  events: 0,
  hasSetFile: false,
  audioFiles: 0,
  chain: undefined,
};

export interface ArchiveVerdict extends Told {
  readonly faults: number;
  readonly notes: number;
}

export interface ArchiveOptions {
  /** A chain head to look for, from a message, in hex. */
  readonly head?: string | undefined;
  readonly onFinding: Report;
  /** Ends the check, which then throws the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

/** A file that is not a complete archive is a finding too. @throws what the system throws, such as on a full disk */
export async function verifyArchive(
  file: string,
  { head, onFinding, signal }: ArchiveOptions,
): Promise<ArchiveVerdict> {
  const unpacked = await mkdtemp(join(tmpdir(), 'setlist-archive-'));
  const { report, found } = counting(onFinding);
  let told: Told = NOTHING;
  try {
    await unpack(file, unpacked, signal);
    const [setId] = await readdir(unpacked);
    if (setId === undefined) throw new ArchiveDamaged('it contains no set');
    told = await checkSet({ folder: join(unpacked, setId), setId, report, signal }, head);
  } catch (error) {
    if (!(error instanceof ArchiveDamaged)) throw error;
    report(fault('archive-damaged', { file }, error.message));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  return { ...told, faults: found.fault, notes: found.note };
}

/** Text reaches a compression ratio of 10, speech 100, and silence 1,000, as does an archive meant to fill a disk. */
const MOST_UNPACKED_RATIO = 250;
/** As many bytes are unpacked at any ratio: nine hours of silence at 16 kHz. */
const ALWAYS_UNPACKED = 1_000_000_000;

/** Whoever runs the check, root included, owns what is unpacked, and nobody gets rights that the archive names. */
const OURS = {
  preserveOwner: false,
  onReadEntry: (entry: ReadEntry): void => {
    // For a folder, tar adds the right to enter it.
    entry.mode = 0o600;
  },
} as const;

/** Extracts synchronously: an extractor working in the background would write into the folder while it is deleted. */
async function unpack(file: string, cwd: string, signal: AbortSignal | undefined): Promise<void> {
  const most = Math.max(ALWAYS_UNPACKED, MOST_UNPACKED_RATIO * (await stat(file)).size);
  let unpacked = 0;
  const filter = (_: string, { size }: { size: number }): boolean => {
    unpacked += size;
    if (unpacked > most) throw new ArchiveDamaged(`unpacked, it would be larger than ${most} bytes`);
    return true;
  };
  const extractor = new UnpackSync({ cwd, strict: true, filter, maxDecompressionRatio: Infinity, ...OURS });
  try {
    for await (const piece of createReadStream(file)) {
      signal?.throwIfAborted();
      extractor.write(piece);
    }
    extractor.end();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ArchiveDamaged) throw error;
    const { message, errno, syscall } = error as NodeJS.ErrnoException;
    if (errno !== undefined && syscall !== undefined) throw error;
    throw new ArchiveDamaged(`it can't be unpacked: ${message}`, { cause: error });
  }
}

interface Job {
  readonly folder: string;
  readonly setId: string;
  readonly report: Report;
  readonly signal: AbortSignal | undefined;
}

async function checkSet(job: Job, head: string | undefined): Promise<Told> {
  const { folder, setId, report } = job;
  const nothing = { ...NOTHING, setId };
  for (const { file, what } of await wrongChecksums(folder)) report(fault('archive-damaged', { file }, what));
  if (!fileAt(join(folder, FILES.events)) || !fileAt(join(folder, FILES.places))) {
    report(fault('archive-damaged', { file: FILES.events }, 'the archive lacks its events or their places'));
    return nothing;
  }
  const log = archiveLog(folder);
  using audit = new LogAudit(log, 'part', report);
  for await (const record of log.read({})) {
    job.signal?.throwIfAborted();
    audit.apply(record);
  }
  await audit.finish();
  const set = audit.shadow.sets.get(setId);
  if (set?.summary === undefined) {
    report(fault('archive-damaged', { set: setId }, 'it has no events of the set that it is named after'));
    return nothing;
  }
  const { total } = set.summary.counts;
  if (total > MAX_ITEMS) {
    // Its manifest would be made in memory for as many items.
    report(fault('archive-damaged', { set: setId }, `its ${total} items are more than a set can have`));
    return nothing;
  }
  await checkManifest(job, log, set.summary);
  const hasSetFile = await checkSetFile(job, log);
  const audioFiles = await checkAudio(job, log, set);
  const known = head === undefined || (await placeOfHead(log, setId, head)) !== undefined;
  if (!known) report(fault('head-unknown', { set: setId }, `no place of its chain has the head ${head}`));
  const { state, chain } = set.summary;
  return { setId, state, events: audit.events, hasSetFile, audioFiles, chain };
}

async function checkManifest(
  { folder, setId, report }: Job,
  log: ReadableLog,
  summary: SetSummary,
): Promise<void> {
  const path = join(folder, FILES.manifest);
  const manifest = await manifestInLog(log, setId);
  const where = { set: setId, file: FILES.manifest };
  if (manifest === undefined || !fileAt(path)) {
    if (manifest)
      report(fault('archive-damaged', where, `the set is ${summary.state}, but its manifest is missing`));
    return;
  }
  const due = await sha256OfPieces(manifestJson(manifest.header, manifest.items()));
  if (due === (await sha256OfFile(path))) return;
  report(fault('archive-damaged', where, "the manifest doesn't match what the events give"));
}

/** @returns whether the set file is in the archive and is the one that was accepted */
async function checkSetFile({ folder, setId, report }: Job, log: ReadableLog): Promise<boolean> {
  const accepted = await acceptanceOf(log, setId);
  if (accepted === undefined) return false;
  const { sha256, keptAs } = accepted.data.source;
  const name = `${FILES.setFile}${extname(keptAs)}`;
  const path = join(folder, name);
  const where = { set: setId, file: name };
  const isThere = fileAt(path) !== undefined;
  if (isThere && (await sha256OfFile(path)) === sha256) return true;
  if (isThere) report(fault('archive-damaged', where, 'it is not the set file that was accepted'));
  else report(note('file-left-out', where, 'the set file is not in the archive'));
  return false;
}

/** The plain file at the path, if there is one: the archive may come from an untrusted source. */
function fileAt(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found : undefined;
}

/** @returns how many audio files are in the archive and match the events */
async function checkAudio({ folder, setId, report }: Job, log: ReadableLog, set: ShadowSet): Promise<number> {
  if (!lstatSync(join(folder, FILES.audio), { throwIfNoEntry: false })) return 0;
  let files = 0;
  for await (const { event, seq } of log.read({ subjects: [subjects.outcome(setId, '*', '*', '*')] })) {
    if (event?.name !== 'ItemCompleted' || set.rows.row(event.data.index)?.attempt !== event.data.attempt)
      continue;
    const { file, bytes, sha256, index } = event.data;
    const where = { seq, set: setId, item: index, file };
    const problem = keyProblem(file);
    if (problem !== undefined) {
      report(fault('archive-damaged', where, `an item's file can't be in an archive: ${problem.message}`));
      continue;
    }
    const path = join(folder, FILES.audio, file);
    const there = fileAt(path);
    // A file removed since the export is found by the checksums.
    if (there === undefined) report(note('file-left-out', where, `${file} is not in the archive`));
    else if (there.size !== bytes)
      report(fault('file-size', where, `${file} has ${there.size} bytes; it was stored with ${bytes}`));
    else if ((await sha256OfFile(path)) !== sha256)
      report(fault('file-damaged', where, `the content of ${file} is not what was stored`));
    else files++;
  }
  return files;
}
