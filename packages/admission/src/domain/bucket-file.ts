/** A set file in a bucket: whether it is one, and the names that follow from its key and version. */
import { hash } from 'node:crypto';
import { runId } from '@setlist/contracts';
import { isSetFile, REPORT_ENDINGS } from './drop.ts';

/** One version of an object. */
export interface BucketFile {
  /** `s3://bucket/prefix/key`. */
  readonly uri: string;
  /** Below the watched prefix. */
  readonly key: string;
  /** Another one for each upload; see `StoredObject` of the storage package. */
  readonly version: string;
  readonly modified: Date;
}

/** Whether a key is meant for us: a `.yml`, `.yaml` or `.json` in any folder below, but no report of ours. */
export const isBucketSetFile = (key: string): boolean =>
  isSetFile(fileNameOf(key)) && !key.endsWith(REPORT_ENDINGS.json);

/** The part of a key behind its last slash. */
export const fileNameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/**
 * The run of a version: the same for every replica and at every start, another one for another upload, and sortable by
 * the time of the upload.
 */
export const runOfFile = ({ uri, version, modified }: BucketFile): string =>
  runId(modified, hash('sha256', `${uri}\n${version}`, 'buffer'));

/**
 * The name of one drop from a bucket, which begins with its run and a dot. A run is 30 bits beside its second: of thousands that are
 * uploaded in one, two may have the same.
 */
export const dropName = ({ run, uri }: { readonly run: string; readonly uri: string }): string =>
  `${run}.${hash('sha256', uri).slice(0, 32)}`;

/** Where the reports on a file lie: beside it. `fileName` is its name, shortened where the ending needs it. */
export function reportKeys(key: string, fileName: string): Record<keyof typeof REPORT_ENDINGS, string> {
  const beside = key.slice(0, key.length - fileNameOf(key).length) + fileName;
  const { text, json, warnings } = REPORT_ENDINGS;
  return { text: beside + text, json: beside + json, warnings: beside + warnings };
}
