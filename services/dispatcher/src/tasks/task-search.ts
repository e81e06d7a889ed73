/**
 * Searches the provider's list for tasks; simultaneous searches share one reading of it. The provider keeps tasks for
 * three days, so the list can be hundreds of pages long, and a dispatcher that died can leave many tasks to look for.
 */
import type { SpeechTask } from '../adapters/polly-speech.ts';

interface Search {
  readonly isWanted: (task: SpeechTask) => boolean;
  readonly found: (task: SpeechTask | undefined) => void;
  readonly failed: (error: unknown) => void;
}

export class TaskSearch {
  readonly #list: () => AsyncIterable<SpeechTask>;
  /** For the next reading: the one in progress may have passed their page. */
  #next = new Set<Search>();
  #isReading = false;

  /** @param list lists the provider's tasks from the first page on, each page when the quota allows it */
  constructor(list: () => AsyncIterable<SpeechTask>) {
    this.#list = list;
  }

  /** The first matching task, or undefined if none is listed. Reads no page beyond those that a search still needs. */
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

  /** Settles the searches that find their task, and leaves the others in the set. */
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
