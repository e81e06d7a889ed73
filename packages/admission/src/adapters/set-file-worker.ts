/** The thread of `set-file-thread.ts`: checks the file, then reads it again each time its items are requested. */
import { createHash } from 'node:crypto';
import { constants, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type ItemSink, type ParsedItem, readSetFile, type SetFileContent } from '@setlist/set-file';
import { Surveyor } from '../domain/survey.ts';
import type { LocalFile } from './set-file.ts';
import type { ThreadMessage, ThreadTask } from './set-file-thread.ts';

const PIECE_BYTES = 512 * 1024;
const BATCH_ITEMS = 256;
/** The most batches that may be sent and not yet taken. */
const AHEAD = 4;

class Changed extends Error {}

const { file, options, taken }: ThreadTask = workerData;
// One descriptor for all readings, so that the file can be moved away meanwhile. Node closes it when the thread ends.
const descriptor = openSync(file.path, constants.O_RDONLY | constants.O_NOFOLLOW);

function contentOf({ bytes, sha256 }: LocalFile): SetFileContent {
  const buffer = Buffer.alloc(PIECE_BYTES);
  return {
    bytes,
    *pieces() {
      const hash = createHash('sha256');
      for (let at = 0; ; ) {
        const length = readSync(descriptor, buffer, 0, buffer.length, at);
        if (length === 0) break;
        at += length;
        // Its writer goes on: what was added must not be taken for items of the file that was looked at.
        if (at > bytes) throw new Changed();
        const piece = buffer.subarray(0, length);
        hash.update(piece);
        yield piece;
      }
      if (sha256 !== undefined && hash.digest('hex') !== sha256) throw new Changed();
    },
  };
}

const content = contentOf(file);
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

function orChanged(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Changed)) throw error;
    say({ kind: 'changed' });
  }
}

/** The sections as the check found them: given them, no later reading has to restart. */
let sections = options.sections;

orChanged(() => {
  let surveyor = new Surveyor();
  const reading = readSetFile(content, options, {
    item: (item) => surveyor.add(item),
    restart: () => {
      surveyor = new Surveyor();
    },
  });
  if (!reading.ok) return say({ kind: 'checked', checked: reading });
  const { sections: found, ...rest } = reading;
  sections = found;
  say({ kind: 'checked', checked: { ...rest, survey: surveyor.survey() } });
});

parentPort?.on('message', () => {
  let sent = 0;
  let batch: ParsedItem[] = [];
  const send = (): void => {
    say({ kind: 'items', items: batch });
    batch = [];
    sent++;
    for (let seen = Atomics.load(taken, 0); sent - seen >= AHEAD; seen = Atomics.load(taken, 0)) {
      Atomics.wait(taken, 0, seen);
    }
  };
  const sink: ItemSink = {
    item(item) {
      batch.push(item);
      if (batch.length === BATCH_ITEMS) send();
    },
    restart: () => undefined,
  };
  orChanged(() => {
    readSetFile(content, { ...options, ...(sections && { sections }) }, sink);
    if (batch.length > 0) send();
    say({ kind: 'end' });
  });
});
