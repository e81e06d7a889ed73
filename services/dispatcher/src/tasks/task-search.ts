/**
 * Looking for tasks in the provider's list: whoever looks at the same time shares one reading of it. The provider keeps tasks for
 * three days, so that the list may be hundreds of pages long, and a dispatcher that died leaves many that may be in it.
 */
import type { SpeechTask } from '../adapters/polly-speech.ts';

interface Search {
  readonly isWanted: (task: SpeechTask) => boolean;
  readonly found: (task: SpeechTask | undefined) => void;
  readonly failed: (error: unknown) => void;
}

export class TaskSearch {
  readonly #list: () => AsyncIterable<SpeechTask>;
  /** For the next reading: what is made while one is under way may stand on a page that was read. */
  #next = new Set<Search>();
  #isReading = false;

  /** @param list the provider's list from its beginning, each page when the quota allows it */
  constructor(list: () => AsyncIterable<SpeechTask>) {
    this.#list = list;
  }

  /** The first such task, or nothing where none is listed. No page is read beyond those that somebody still needs. */
  first(isWanted: (task: SpeechTask) => boolean): Promise<SpeechTask | undefined> {
    return new Promise((found, failed) => {
      this.#next.add({ isWanted, found, failed });
      if (!this.#isReading) void this.#read();
    });
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    for (let open = this.#next; open.size > 0; open = this.#next) {
      this.#next = new Set();
      try {
        await this.#readFor(open);
        for (const { found } of open) found(undefined);
      } catch (error) {
        for (const { failed } of open) failed(error);
      }
    }
    this.#isReading = false;
  }

  /** Settles those that find theirs, and leaves the others in the set. */
  async #readFor(open: Set<Search>): Promise<void> {
    for await (const task of this.#list()) {
      for (const search of open) {
        if (!search.isWanted(task)) continue;
        search.found(task);
        open.delete(search);
      }
      if (open.size === 0) return;
    }
  }
}
