/** The services' log: every line goes to a file, and what a user should hear of goes to the terminal too, once. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, type Logger } from '@setlist/runtime';

export interface ServiceLog extends Disposable {
  readonly file: string;
  logger(service: string): Logger;
}

interface Line {
  readonly level: string;
  readonly msg?: string;
  readonly remedy?: string;
  readonly event?: string;
  /** Set where the line is about one item. */
  readonly index?: number;
  readonly err?: { readonly message?: string; readonly remedy?: string };
}

/** Said by the command itself, and better. */
const TOLD_OTHERWISE = new Set(['set-rejected']);
const LOUD = new Set(['warn', 'error', 'fatal']);

/** @param tell called with each new warning as a sentence; the same one is not repeated */
export function openServiceLog(folder: string, tell: (message: string) => void): ServiceLog {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'setlist.log');
  const descriptor = openSync(file, 'a');
  const told = new Set<string>();
  const tellOnce = (sentence: string): void => {
    if (told.has(sentence)) return;
    told.add(sentence);
    tell(sentence);
  };
  const destination = {
    write(text: string) {
      // A log on a full disk is no reason to let go of audio that was paid for.
      try {
        writeSync(descriptor, text);
      } catch (error) {
        tellOnce(`${file} can't be written, and lacks what happens now: ${(error as Error).message}`);
      }
      const sentence = worthTelling(text);
      if (sentence !== undefined) tellOnce(sentence);
    },
  };
  return {
    file,
    logger: (service) => createLogger({ service, level: 'info', pretty: false, destination }),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** What a line of the log says to a user, or nothing where it is for the file only. */
export function worthTelling(text: string): string | undefined {
  const { level, msg, remedy, event, err, index } = JSON.parse(text) as Line;
  // What becomes of an item is told with its set, reason and remedy included.
  if (!LOUD.has(level) || TOLD_OTHERWISE.has(event ?? '') || index !== undefined) return undefined;
  const cause = err?.message && !msg?.includes(err.message) ? `: ${err.message}` : '';
  const advice = remedy ?? err?.remedy;
  return `${msg ?? err?.message ?? 'something went wrong'}${cause}${advice ? ` (${advice})` : ''}`;
}
