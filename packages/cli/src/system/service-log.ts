/** The services' log: every line goes to a file, and warnings for the user also go to the terminal, rarely repeated. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, type Logger, Rarely } from '@setlist/runtime';

export interface ServiceLog extends Disposable {
  readonly file: string;
  logger(service: string): Logger;
}

interface Line {
  readonly level: string;
  readonly msg?: string;
  readonly remedy?: string;
  readonly event?: string;
  readonly code?: string;
  readonly set?: string;
  /** Set if the line is about one item. */
  readonly index?: number;
  readonly err?: { readonly message?: string; readonly remedy?: string };
}

/** Events that the command itself reports, and better. */
const TOLD_OTHERWISE = new Set(['set-rejected', 'SetStalled']);
/** The event of a warning about the first item of a set that fails for a reason, which may be that of all of them. */
const FIRST_TO_FAIL = 'item-failed';
/** What is left out for a comparison: many sets often fail for one reason, which is told for the first of them. */
const FIRST_IN = /, first in \S+/;
const LOUD = new Set(['warn', 'error', 'fatal']);
/** A repeated warning is shown again only after this time, in ms. */
const TOLD_FOR_MS = 600_000;
/** How many warnings are remembered: there can be one for each file of a full inbox. */
const MOST_TOLD = 10_000;

/** @param tell receives each warning as a sentence, at most once in ten minutes */
export function openServiceLog(folder: string, tell: (message: string) => void): ServiceLog {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'setlist.log');
  const descriptor = openSync(file, 'a');
  const rarely = new Rarely(TOLD_FOR_MS, MOST_TOLD);
  const tellRarely = (sentence: string, subject = sentence): void => {
    if (rarely.isDue(subject)) tell(sentence);
  };
  const destination = {
    write(text: string) {
      // Losing log lines on a full disk must not lose audio that was paid for.
      try {
        writeSync(descriptor, text);
      } catch (error) {
        tellRarely(`${file} can't be written to, so log lines are being lost: ${(error as Error).message}`);
      }
      const sentence = worthTelling(text);
      if (sentence !== undefined) tellRarely(sentence, sentence.replace(FIRST_IN, ''));
    },
  };
  return {
    file,
    logger: (service) => createLogger({ service, level: 'info', pretty: false, destination }),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}

/** What to tell the user about a line of the log; undefined if the line is for the file only. */
export function worthTelling(text: string): string | undefined {
  const { level, msg, remedy, event, code, set, err, index } = JSON.parse(text) as Line;
  if (!LOUD.has(level) || TOLD_OTHERWISE.has(event ?? '')) return undefined;
  if (event === FIRST_TO_FAIL)
    return `items fail with ${code}, first in ${set}${remedy ? ` (${remedy})` : ''}`;
  // Any other item's outcome is reported with its set, including reason and remedy.
  if (index !== undefined) return undefined;
  const cause = err?.message && !msg?.includes(err.message) ? `: ${err.message}` : '';
  const advice = remedy ?? err?.remedy;
  return `${msg ?? err?.message ?? 'something went wrong'}${cause}${advice ? ` (${advice})` : ''}`;
}
