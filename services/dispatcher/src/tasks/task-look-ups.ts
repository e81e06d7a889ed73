/** Asks the provider about tasks, at a rate of its own: a throttled look-up slows look-ups, but no starts of tasks. */
import { asLookUp, CallFailed } from '../adapters/failures.ts';
import type { SpeechProvider, SpeechTask } from '../adapters/polly-speech.ts';
import { isThrottled } from '../domain/classify.ts';

export interface TaskLookUpOptions {
  readonly provider: Pick<SpeechProvider, 'task' | 'listTasks'>;
  /** Waits until the quota allows one more look-up: a page of the list, or a task. Throws when the service drains. */
  mayLookUp(): Promise<void>;
  /** Called when a look-up was throttled: all dispatchers look less often. */
  slowDown(): Promise<void>;
}

/** Marks every failure of the provider as a look-up's; rethrows what `mayLookUp` throws. */
export class TaskLookUps {
  readonly #options: TaskLookUpOptions;

  constructor(options: TaskLookUpOptions) {
    this.#options = options;
  }

  async task(taskId: string): Promise<SpeechTask> {
    await this.#options.mayLookUp();
    try {
      return await this.#options.provider.task(taskId);
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  /** Every task that the provider lists, from the newest page on. */
  async *list(): AsyncGenerator<SpeechTask> {
    try {
      yield* this.#options.provider.listTasks(() => this.#options.mayLookUp());
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<unknown> {
    if (error instanceof CallFailed && isThrottled(error.failure)) await this.#options.slowDown();
    return asLookUp(error);
  }
}
