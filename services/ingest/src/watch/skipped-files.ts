/** Which objects of a bucket are left alone: those that are no set files, and set files with names that don't fit. */
import { isBucketSetFile } from '@setlist/admission';
import { reportKeys } from '@setlist/contracts';
import type { Logger } from '@setlist/runtime';
import { keyProblem } from '@setlist/storage';

type Problem = NonNullable<ReturnType<typeof keyProblem>>;

export class SkippedFiles {
  /** Of the bucket: `s3://bucket/prefix`. */
  readonly #uri: string;
  readonly #logger: Logger;
  /** Set files that were already logged. */
  readonly #logged = new Set<string>();

  constructor(uri: string, logger: Logger) {
    this.#uri = uri;
    this.#logger = logger;
  }

  /** Logs a set file once; other files don't concern ingest. */
  has(name: string): boolean {
    if (!isBucketSetFile(name)) return true;
    const problem = this.#problemOf(name);
    if (problem === undefined) return false;
    if (!this.#logged.has(name)) this.#say(name, problem);
    this.#logged.add(name);
    return true;
  }

  /** No store can hold the name, or the bucket can't hold the longest of its reports, which are beside it. */
  #problemOf(name: string): Problem | undefined {
    const own = keyProblem(name);
    if (own !== undefined) return own;
    const prefix = this.#uri.split('/').slice(3);
    const ofReport = keyProblem([...prefix, reportKeys(name).json].join('/'));
    return ofReport && { ...ofReport, message: `there is no room for its report: ${ofReport.message}` };
  }

  #say(name: string, { message, remedy }: Problem): void {
    const entry = {
      event: 'ignored',
      inbox: this.#uri,
      file: name,
      remedy: `Give the object another name: ${remedy}.`,
    };
    this.#logger.warn(entry, `${name} in ${this.#uri} is skipped: ${message}`);
  }
}
