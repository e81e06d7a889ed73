/** A set file that was dropped into a bucket: fetched to be read, and left where it is; its report goes beside it. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { dropName, dropOf, fileNameOf, lookAt, reportKeys } from '@setlist/admission';
import { MAX_FILE_BYTES } from '@setlist/set-file';
import { ifThere, type ObjectStore } from '@setlist/storage';
import { acceptanceText, warningsText, warnsOfEarlierRun } from '../domain/acceptance.ts';
import { isOfEarlierRun, reportJson, reportText } from '../domain/refusal.ts';
import type { Dropped } from '../dropped.ts';
import type { RunMarkers } from './run-markers.ts';

export interface BucketDropOptions {
  readonly run: string;
  readonly uri: string;
  /** Below the watched prefix. */
  readonly key: string;
  readonly bytes: number;
  /** Its content; a `not-found` says that this version is gone. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
  readonly inbox: ObjectStore;
  readonly markers: RunMarkers;
  /** A folder of this process's own, in which it lies while it is read. */
  readonly folder: string;
}

/** To be disposed of when it has settled, or was put off. */
export function bucketDrop(options: BucketDropOptions): Dropped & AsyncDisposable {
  const { run, uri, key, bytes, pieces, inbox, markers, folder } = options;
  const { fileName } = dropOf(folder, { run }, fileNameOf(key));
  const path = join(folder, dropName({ run, uri }), 'set-file');
  const keys = reportKeys(key, fileName);
  const report = async (text: string, json: string): Promise<void> => {
    await putText(inbox, keys.text, text);
    await inbox.put(keys.json, Buffer.from(json), { contentType: 'application/json' });
  };
  let isFetched = false;
  return {
    run,
    fileName,
    options: {},
    uri,
    async look() {
      // What no set file can be is refused unread.
      if (bytes > MAX_FILE_BYTES) return { path, bytes };
      await mkdir(dirname(path), { recursive: true });
      // Once it is here whole, it may be gone from the bucket: a set that was accepted is still to be asked for.
      isFetched ||= await fetched(pieces(), path);
      return isFetched ? lookAt(path) : undefined;
    },
    async accepted(because, warnings) {
      const { setId = '', data } = because;
      if (warnings.length > 0 || warnsOfEarlierRun(await textAt(inbox, keys.warnings), run)) {
        await putText(inbox, keys.warnings, warningsText(fileName, { because, warnings }));
      }
      if (isOfEarlierRun(await textAt(inbox, keys.json), run)) {
        const noProblems = { run, name: data.set.name, problemCount: 0, problems: [] };
        await report(acceptanceText(fileName, because), reportJson(fileName, setId, noProblems));
      }
      await markers.put({ run, uri });
    },
    async refused({ setId = '', data }) {
      await report(reportText(fileName, data), reportJson(fileName, setId, data));
      await markers.put({ run, uri });
    },
    [Symbol.asyncDispose]: () => rm(dirname(path), { recursive: true, force: true }),
  };
}

/** @returns false where there is no such object, or it is another one by now */
const fetched = async (pieces: AsyncIterable<Uint8Array>, path: string): Promise<boolean> =>
  (await ifThere(pipeline(pieces, createWriteStream(path)).then(() => true))) ?? false;

const putText = (store: ObjectStore, key: string, text: string): Promise<boolean> =>
  store.put(key, Buffer.from(text), { contentType: 'text/plain; charset=utf-8' });

/** Nothing where there is no such object. */
const textAt = async (store: ObjectStore, key: string): Promise<string> =>
  Buffer.from((await ifThere(store.get(key))) ?? []).toString();
