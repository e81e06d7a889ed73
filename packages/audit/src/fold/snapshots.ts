/**
 * Snapshots of the shadow: caches beside the log, from which a look at the past starts. They can be deleted at any
 * time; a look without them folds from the beginning, and makes them on the way. Each holds all sets, so only those at
 * the places chosen by `spacing.ts` are kept.
 *
 * A snapshot belongs to one log: it names the digest of the record at its place, which no other log has there, and the
 * log's generation, since the next generation can have the same record there and fewer sets before it.
 */
import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SetSummary } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { FOLD_VERSION } from '@setlist/sets';
import { RowStates } from './row-states.ts';
import { Shadow } from './shadow.ts';
import { ShadowSet } from './shadow-set.ts';
import { isWorthKeeping, type Spacing } from './spacing.ts';

/** Version of the file's format, raised with every change to it: snapshots of an older format or fold are replaced. */
const FORM = 2;
const MADE_BY = `form-${FORM}.fold-${FOLD_VERSION}`;
/** Matches a snapshot of this format and fold, and captures its generation and sequence. */
const NAME = new RegExp(`^generation-(\\d+)\\.(\\d+)\\.${MADE_BY}\\.snapshot$`);
/** Matches a snapshot of any format and fold, complete or being written. */
const ANY_NAME = /\.snapshot(?:\.\d+)?$/;
/** The longest, in ms, that writing a snapshot can take; an older draft was left by a process that was killed. */
const WRITTEN_WITHIN_MS = 3_600_000;

interface Header {
  readonly form: number;
  readonly seq: number;
  readonly generation: number;
  /** SHA-256 of the raw record at `seq`, in hex. */
  readonly record: string;
  readonly sets: readonly { summary?: SetSummary; setId: string; pageSeqs: number[]; rows: number }[];
}

/** The log and the place in it that a snapshot belongs to. */
export interface SnapshotPlace {
  readonly record: Recorded;
  /** Of the log. */
  readonly generation: number;
}

/**
 * The snapshots in one folder. Several processes can use it at once: each snapshot is written under another name first.
 * One that is missing, unreadable or another log's counts as none; a failure to write or delete is thrown as the file
 * system's own error, except by {@link thin}.
 */
export class Snapshots {
  readonly folder: string;

  /** @param folder where they are kept; created with the first snapshot */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes a snapshot of the shadow as it is after the record. */
  async keep(shadow: Shadow, place: SnapshotPlace): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const path = this.#path(place);
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, snapshotBytes(shadow, place));
    await rename(draft, path);
  }

  /** The shadow of this log's newest snapshot at or before a sequence; `undefined` where there is none. */
  async newest(log: Pick<EventLog, 'at' | 'extent'>, upToSeq: number): Promise<Shadow | undefined> {
    const { generation } = await log.extent();
    for (const seq of (await this.seqs(generation)).reverse()) {
      if (seq > upToSeq) continue;
      const record = await log.at(seq);
      const kept = record && (await this.#read({ record, generation }));
      const shadow = kept && readSnapshot(kept, { record, generation });
      if (shadow) return shadow;
    }
    return undefined;
  }

  /** Whether the snapshot at this record equals what the fold gives; `undefined` where this log has none there. */
  async agrees(shadow: Shadow, place: SnapshotPlace): Promise<boolean | undefined> {
    const kept = await this.#read(place);
    if (kept === undefined || readSnapshot(kept, place) === undefined) return undefined;
    return gunzipSync(kept).equals(gunzipSync(snapshotBytes(shadow, place)));
  }

  /**
   * Deletes the snapshots that the grown log needs no longer, those of other generations, formats and folds, and drafts
   * of killed processes. A file that can't be deleted is left.
   */
  async thin(generation: number, spacing: Spacing): Promise<void> {
    for (const name of await this.#names()) {
      const place = placeIn(name);
      const isKept =
        place?.generation === generation &&
        (place.seq > spacing.lastSeq || isWorthKeeping(place.seq, spacing));
      if (isKept || (place === undefined && (await this.#isNew(name)))) continue;
      await rm(join(this.folder, name), { force: true }).catch(() => undefined);
    }
  }

  /** Deletes all of them. @returns how many there were */
  async clear(): Promise<number> {
    const names = await this.#names();
    for (const name of names) await rm(join(this.folder, name), { force: true, recursive: true });
    return names.length;
  }

  /** The sequences of all snapshots of a generation, ascending. */
  async seqs(generation: number): Promise<number[]> {
    return (await this.#names())
      .flatMap((name) => placeIn(name) ?? [])
      .flatMap((place) => (place.generation === generation ? place.seq : []))
      .sort((a, b) => a - b);
  }

  async #names(): Promise<string[]> {
    return (await readdir(this.folder).catch(() => [])).filter((name) => ANY_NAME.test(name));
  }

  async #isNew(name: string): Promise<boolean> {
    const there = await stat(join(this.folder, name)).catch(() => undefined);
    return there !== undefined && Date.now() - there.mtimeMs < WRITTEN_WITHIN_MS;
  }

  /** `undefined` where there is none, or none that can be read. */
  #read(place: SnapshotPlace): Promise<Buffer | undefined> {
    return readFile(this.#path(place)).catch(() => undefined);
  }

  #path({ record, generation }: SnapshotPlace): string {
    return join(this.folder, `generation-${generation}.${record.seq}.${MADE_BY}.snapshot`);
  }
}

/** `undefined` where it is not the name of a snapshot of this format and fold. */
function placeIn(name: string): { generation: number; seq: number } | undefined {
  const [, generation, seq] = NAME.exec(name) ?? [];
  return seq === undefined ? undefined : { generation: Number(generation), seq: Number(seq) };
}

const digestOf = (record: Recorded): string => hash('sha256', record.raw);

/** The header's length in four bytes, the header, then each set's rows in the header's order; gzipped as a whole. */
function snapshotBytes({ sets }: Shadow, { record, generation }: SnapshotPlace): Buffer {
  const kept = [...sets.values()];
  const header: Header = {
    form: FORM,
    seq: record.seq,
    generation,
    record: digestOf(record),
    sets: kept.map(({ setId, summary, rows, pageSeqs }) => ({
      setId,
      ...(summary && { summary }),
      // A page that has no row yet leaves a hole, which JSON would turn into `null`.
      pageSeqs: Array.from(pageSeqs, (seq) => seq ?? 0),
      rows: rows.length,
    })),
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return gzipSync(Buffer.concat([length, text, ...kept.map(({ rows }) => rows.toBytes())]), { level: 1 });
}

/** `undefined` where it belongs to another log or format, or can't be read: a cache that is unusable is not a fault. */
function readSnapshot(packed: Uint8Array, place: SnapshotPlace): Shadow | undefined {
  try {
    return unpacked(gunzipSync(packed), place);
  } catch {
    return undefined;
  }
}

function unpacked(bytes: Buffer, place: SnapshotPlace): Shadow | undefined {
  const headerEnd = 4 + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.subarray(4, headerEnd).toString()) as Header;
  if (header.form !== FORM || !isAt(header, place)) return undefined;
  let at = headerEnd;
  const sets = header.sets.map(({ setId, summary, pageSeqs, rows }) => {
    const end = at + RowStates.bytesFor(rows);
    const kept = { ...(summary && { summary }), rows: RowStates.fromBytes(bytes.subarray(at, end), rows) };
    at = end;
    return [setId, new ShadowSet(setId, { ...kept, pageSeqs })] as const;
  });
  return at === bytes.length ? new Shadow(new Map(sets), header.seq) : undefined;
}

const isAt = (header: Header, { record, generation }: SnapshotPlace): boolean =>
  header.seq === record.seq && header.generation === generation && header.record === digestOf(record);
