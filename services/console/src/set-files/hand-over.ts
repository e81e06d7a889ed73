/** Hands a valid set file to ingest like any drop: into ingest's first watched folder or bucket. */
import { hash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { contentOfFile, inboxPlaces, placeSetFile, type RunOptions, runOfFile } from '@setlist/admission';
import { runId } from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import type { TakenKey } from '../http/once.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Upload } from './upload.ts';

interface Submission {
  readonly upload: Upload;
  readonly fileName: string;
  readonly options: RunOptions;
  /** The same key hands the file over under the same names, so that a retry is idempotent. */
  readonly once: TakenKey | undefined;
}

/** @returns the run that the file becomes */
export type HandOver = (submission: Submission) => Promise<string>;

/** @param storeAt how a bucket is reached */
export function handOverTo(
  inboxes: readonly string[] | undefined,
  storeAt: (uri: string) => ObjectStore,
): HandOver {
  const { folders, buckets } = inboxPlaces(inboxes ?? []);
  const [folder] = folders;
  if (folder !== undefined) return (submission) => intoFolder(resolve(folder), submission);
  const [bucket] = buckets;
  if (bucket !== undefined) return (submission) => intoBucket(storeAt(bucket), submission);
  return async () => {
    throw new HttpProblem(503, {
      code: 'no-inbox',
      detail: 'this console has no INBOX, so it can’t hand set files to ingest',
      remedy: 'Set its INBOX to the same value as ingest’s, or drop the file into ingest’s inbox.',
    });
  };
}

async function intoFolder(inbox: string, { upload, fileName, options, once }: Submission): Promise<string> {
  const run = runOf(once);
  await placeSetFile(inbox, { run, fileName, options }, contentOfFile(upload));
  return run;
}

/** Uses a key of its own for each submission, so that the object's only version is the one that was put. */
async function intoBucket(
  inbox: ObjectStore,
  { upload, fileName, options, once }: Submission,
): Promise<string> {
  if (Object.keys(options).length > 0) throw noOptions();
  const key = `submitted/${runOf(once)}/${fileName}`;
  const contentType = fileName.toLowerCase().endsWith('.json') ? 'application/json' : 'application/yaml';
  const there = await inbox.head(key);
  // Putting it twice, for example by two consoles at once, would make two versions and thus two runs.
  if (there === undefined) await inbox.put(key, contentOfFile(upload), { contentType, ifAbsent: true });
  const found = there ?? (await inbox.head(key));
  if (found === undefined) throw new Error(`${inbox.uri}/${key} was put, and is not there`);
  return runOfFile({ uri: `${inbox.uri}/${key}`, key, version: found.version, modified: found.modified });
}

const runOf = (once: TakenKey | undefined): string =>
  once === undefined
    ? runId(new Date(), randomBytes(6))
    : runId(new Date(once.at), hash('sha256', once.id, 'buffer'));

const noOptions = (): HttpProblem =>
  new HttpProblem(400, {
    code: 'options-need-folder',
    detail: 'ingest watches a bucket, through which options can’t be passed along with a set file',
    remedy: 'Write budget, deadline and priority into the set file.',
  });
