/** Files that runs have requested or written since the log was read: the audit does not judge what they hold by now. */
import { subjects } from '@setlist/contracts';
import { acceptanceOf, type EventLog } from '@setlist/eventlog';

type Log = Pick<EventLog, 'read' | 'first'>;

const WRITERS = { subjects: [subjects.requested('*', '*'), subjects.outcome('*', '*', '*', '*')] };

export class FilesSince {
  readonly #log: Log;
  #seq: number;
  readonly #names = new Set<string>();
  readonly #outputs = new Map<string, string | undefined>();

  constructor(log: Log, seq: number) {
    this.#log = log;
    this.#seq = seq;
  }

  /** Reads on to the end of the log. */
  async readOn(): Promise<void> {
    for await (const { event, seq } of this.#log.read({ ...WRITERS, from: this.#seq + 1 })) {
      this.#seq = seq;
      if (event?.name !== 'ItemRequested' && event?.name !== 'ItemCompleted') continue;
      const output = await this.#outputOf(event.setId ?? '');
      if (output !== undefined) this.#names.add(nameOf(output, event.data.file));
    }
  }

  has(output: string, file: string): boolean {
    return this.#names.has(nameOf(output, file));
  }

  async #outputOf(setId: string): Promise<string | undefined> {
    if (!this.#outputs.has(setId)) {
      this.#outputs.set(setId, (await acceptanceOf(this.#log, setId))?.data.output);
    }
    return this.#outputs.get(setId);
  }
}

const nameOf = (output: string, file: string): string => `${output} ${file}`;
