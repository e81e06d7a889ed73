/** Hands a set file that holds to ingest, the way of every drop: into its first watched folder or bucket. */
import { hash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { contentOfFile, inboxPlaces, placeClaimed, type RunOptions, runOfFile } from '@setlist/admission';
import { runId } from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import type { TakenKey } from '../http/once.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Upload } from './upload.ts';

interface Submission {
  readonly upload: Upload;
  readonly fileName: string;
  readonly options: RunOptions;
  /** With the same key the file is handed over under the same names, so that a repeat changes nothing. */
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
      detail: 'this console does not know where ingest watches for set files',
      remedy: 'Set its INBOX as ingest has it, or drop the file there.',
    });
  };
}

async function intoFolder(inbox: string, { upload, fileName, options, once }: Submission): Promise<string> {
  const run = runOf(once);
  await placeClaimed(inbox, { run, fileName, options }, contentOfFile(upload));
  return run;
}

/** Under a key of its own, so that its version is known to be the one that was put. */
async function intoBucket(
  inbox: ObjectStore,
  { upload, fileName, options, once }: Submission,
): Promise<string> {
  if (Object.keys(options).length > 0) throw noOptions();
  const key = `submitted/${runOf(once)}/${fileName}`;
  const contentType = fileName.toLowerCase().endsWith('.json') ? 'application/json' : 'application/yaml';
  const there = await inbox.head(key);
  // Put twice, as by two consoles at once, it would be two versions, and two runs.
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
    detail: 'ingest watches a bucket, where a set file can’t carry options besides what it says itself',
    remedy: 'Write budget, deadline and priority into the file.',
  });
