/**
 * Files that the audit does not judge, because another run may have written them meanwhile: runs that have requested or
 * written them since the log was read, and newer ones that have requested them without an outcome. A dispatcher writes
 * a file before its outcome.
 */
import { subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';
import type { Shadow } from '../fold/shadow.ts';
import type { ShadowSet } from '../fold/shadow-set.ts';

type Log = Pick<EventLog, 'read' | 'first'>;

const WRITERS = { subjects: [subjects.requested('*', '*'), subjects.outcome('*', '*', '*', '*')] };

export class FilesSince {
  readonly #log: Log;
  readonly #sets: readonly ShadowSet[];
  #seq: number;
  /** How many sets were accepted before the newest one that may have written the file. */
  readonly #writers = new Map<string, number>();
  readonly #outputs = new Map<string, string | undefined>();
  #hasReadOpen = false;
  #reading: Promise<void> = Promise.resolve();

  /** @param shadow the sets as they were when the log was read */
  constructor(log: Log, shadow: Shadow) {
    this.#log = log;
    this.#sets = [...shadow.sets.values()];
    this.#seq = shadow.position;
  }

  /** Reads on to the end of the log. Readings at once take turns: what is open is noted before what is newer. */
  readOn(): Promise<void> {
    const read = (): Promise<void> => this.#readOn();
    this.#reading = this.#reading.then(read, read);
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    if (!this.#hasReadOpen) for (const [place, set] of this.#sets.entries()) await this.#readOpen(set, place);
    this.#hasReadOpen = true;
    for await (const { event, seq } of this.#log.read({ ...WRITERS, from: this.#seq + 1 })) {
      this.#seq = seq;
      if (event?.name !== 'ItemRequested' && event?.name !== 'ItemCompleted') continue;
      const output = await this.#outputOf(event.setId ?? '');
      if (output !== undefined) this.#writers.set(nameOf(output, event.data.file), Number.POSITIVE_INFINITY);
    }
  }

  /** Whether another run than this set may have written the file last. */
  has(output: string, file: string, { setId }: ShadowSet): boolean {
    const place = this.#sets.findIndex((set) => set.setId === setId);
    return (this.#writers.get(nameOf(output, file)) ?? -1) > place;
  }

  async #readOpen({ setId, summary, rows }: ShadowSet, place: number): Promise<void> {
    if (summary === undefined) return;
    if (summary.counts.completed + summary.counts.failed >= summary.counts.total) return;
    const output = await this.#outputOf(setId);
    if (output === undefined) return;
    for await (const { event } of this.#log.read({ subjects: [subjects.requested(setId, '*')] })) {
      if (event?.name !== 'ItemRequested' || rows.row(event.data.index)?.state !== 'requested') continue;
      this.#writers.set(nameOf(output, event.data.file), place);
    }
  }

  async #outputOf(setId: string): Promise<string | undefined> {
    if (!this.#outputs.has(setId)) {
      this.#outputs.set(setId, (await acceptanceOf(this.#log, setId))?.data.output);
    }
    return this.#outputs.get(setId);
  }
}

const nameOf = (output: string, file: string): string => `${output} ${file}`;
