/** Remembers, in the store beside the kept set files, which files of buckets have been fully processed. */
import { dropName } from '@setlist/admission';
import type { ObjectStore } from '@setlist/storage';

const FOLDER = 'drops/';
const ENDING = '.json';

const keyOf = (name: string): string => `${FOLDER}${name}${ENDING}`;

/** A file of a bucket. */
interface Marked {
  readonly run: string;
  readonly uri: string;
}

export class RunMarkers {
  readonly #store: ObjectStore;
  /** Names of drops; also plain runs, from older markers, each of which stands for every file of its run. */
  readonly #known = new Set<string>();
  readonly #runs = new Set<string>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Lists all markers, a thousand with each request, so that old files cost no requests of their own. */
  async load(): Promise<void> {
    for await (const { key } of this.#store.list(FOLDER)) {
      if (key.endsWith(ENDING)) this.#learn(key.slice(FOLDER.length, -ENDING.length));
    }
  }

  /** Whether a file of this run has been processed, as far as this replica knows. */
  knowsRun(run: string): boolean {
    return this.#runs.has(run);
  }

  /** Whether the file has been processed, as far as this replica knows. */
  knows(file: Marked): boolean {
    return this.#known.has(dropName(file)) || this.#known.has(file.run);
  }

  /** The same, but looks in the store if need be, since another replica may have been faster. */
  async has(file: Marked): Promise<boolean> {
    if (!this.knows(file) && (await this.#store.head(keyOf(dropName(file))))) this.#learn(dropName(file));
    return this.knows(file);
  }

  async put(file: Marked): Promise<void> {
    const { run, uri } = file;
    const text = `${JSON.stringify({ run, uri })}\n`;
    await this.#store.put(keyOf(dropName(file)), Buffer.from(text), { contentType: 'application/json' });
    this.#learn(dropName(file));
  }

  #learn(name: string): void {
    this.#known.add(name);
    this.#runs.add(name.split('.', 1)[0] ?? name);
  }
}
