/** A set file that was dropped into a bucket: it is fetched to be read and stays there, with its report beside it. */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dropName, fileNameOf, lookAt, runOfFile } from '@setlist/admission';
import { reportKeys, shortFileName } from '@setlist/contracts';
import { MAX_FILE_BYTES } from '@setlist/set-file';
import { ifThere, type ObjectStore } from '@setlist/storage';
import { acceptanceText, warningsText, warnsOfEarlierRun } from '../domain/acceptance.ts';
import { isOfEarlierRun, reportJson, reportText } from '../domain/refusal.ts';
import type { Dropped } from '../drop/dropped.ts';
import type { RunMarkers } from './run-markers.ts';
import { writeTemporary } from './temporary-file.ts';

export interface BucketDropOptions {
  readonly run: string;
  readonly uri: string;
  /** Below the watched prefix. */
  readonly key: string;
  readonly bytes: number;
  /** Its content; fails with `not-found` if this version is gone. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
  readonly inbox: ObjectStore;
  readonly markers: RunMarkers;
  /** A folder of this process that holds the file while it is read. */
  readonly folder: string;
}

/** To be disposed of when the drop has been processed or was put off. */
export function bucketDrop(options: BucketDropOptions): Dropped & AsyncDisposable {
  const { run, uri, key, bytes, pieces, inbox, markers, folder } = options;
  const fileName = shortFileName(fileNameOf(key));
  const path = join(folder, dropName({ run, uri }), 'set-file');
  const keys = reportKeys(key);
  const report = async (text: string, json: string): Promise<void> => {
    await putText(inbox, keys.text, text);
    await inbox.put(keys.json, Buffer.from(json), { contentType: 'application/json' });
  };
  const isReplaced = async (): Promise<boolean> => {
    const current = await inbox.head(key);
    return current !== undefined && runOfFile({ uri, key, ...current }) !== run;
  };
  let isFetched = false;
  return {
    run,
    fileName,
    options: {},
    uri,
    async look() {
      // A file that is too large for a set file is refused unread.
      if (bytes > MAX_FILE_BYTES) return { path, bytes };
      // A fetched file is used even if it is gone from the bucket: an accepted set still has to be requested.
      isFetched ||= await fetched(pieces(), path);
      return isFetched ? lookAt(path) : undefined;
    },
    isReplaced,
    async accepted(because, warnings) {
      const { setId = '', data } = because;
      // Beside a newer upload, warnings or a report would be taken for that one's, and would replace its own.
      const warned = warnings.length > 0 && !(await isReplaced());
      if (warned || warnsOfEarlierRun(await beginningOf(inbox, keys.warnings), run)) {
        await putText(inbox, keys.warnings, warningsText(fileName, { because, warnings }));
      }
      if (isOfEarlierRun(await beginningOf(inbox, keys.json), run)) {
        const noProblems = { run, name: data.set.name, problemCount: 0, problems: [] };
        await report(acceptanceText(fileName, because), reportJson(fileName, setId, noProblems));
      }
      await markers.put({ run, uri });
    },
    async refused({ setId = '', data }) {
      if (!(await isReplaced())) await report(reportText(fileName, data), reportJson(fileName, setId, data));
      await markers.put({ run, uri });
    },
    [Symbol.asyncDispose]: () => rm(dirname(path), { recursive: true, force: true }),
  };
}

/** @returns false if the object is gone or was replaced */
const fetched = async (pieces: AsyncIterable<Uint8Array>, path: string): Promise<boolean> =>
  (await ifThere(writeTemporary(path, pieces).then(() => true))) ?? false;

const putText = (store: ObjectStore, key: string, text: string): Promise<boolean> =>
  store.put(key, Buffer.from(text), { contentType: 'text/plain; charset=utf-8' });

/** More than the lines of a report that name its run. */
const BEGINNING_BYTES = 64 * 1024;

/** The beginning of an object's text: anyone may have put something large there. Empty if there is no such object. */
async function beginningOf(store: ObjectStore, key: string): Promise<string> {
  const read = async (): Promise<string> => {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of store.read(key)) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= BEGINNING_BYTES) break;
    }
    return Buffer.concat(pieces).toString('utf8', 0, BEGINNING_BYTES);
  };
  return (await ifThere(read())) ?? '';
}
