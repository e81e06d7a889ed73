/** Remembers, in the store beside the kept set files, which runs of buckets' files have been dealt with to their end. */
import type { ObjectStore } from '@setlist/storage';

const FOLDER = 'drops/';
const ENDING = '.json';

const keyOf = (run: string): string => `${FOLDER}${run}${ENDING}`;

export class RunMarkers {
  readonly #store: ObjectStore;
  readonly #known = new Set<string>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Reads all of them, a thousand with each request, so that old files cost nothing further. */
  async load(): Promise<void> {
    for await (const { key } of this.#store.list(FOLDER)) {
      if (key.endsWith(ENDING)) this.#known.add(key.slice(FOLDER.length, -ENDING.length));
    }
  }

  /** Whether somebody has dealt with the run, by the last look. */
  knows(run: string): boolean {
    return this.#known.has(run);
  }

  /** The same, with a new look: another replica may have been quicker. */
  async has(run: string): Promise<boolean> {
    if (!this.knows(run) && (await this.#store.head(keyOf(run)))) this.#known.add(run);
    return this.knows(run);
  }

  async put(run: string, uri: string): Promise<void> {
    const text = `${JSON.stringify({ run, uri })}\n`;
    await this.#store.put(keyOf(run), Buffer.from(text), { contentType: 'application/json' });
    this.#known.add(run);
  }
}
