/** A set file in a bucket: which objects are set files, and the names that follow from their key and version. */
import { hash } from 'node:crypto';
import { runId } from '@setlist/contracts';
import { isSetFile } from './drop.ts';

/** One version of an object. */
export interface BucketFile {
  /** `s3://bucket/prefix/key`. */
  readonly uri: string;
  /** Below the watched prefix. */
  readonly key: string;
  /** Different for each upload; see `StoredObject` of the storage package. */
  readonly version: string;
  readonly modified: Date;
}

/** Whether a key is a set file: a `.yml`, `.yaml` or `.json` at any depth, except our own reports. */
export const isBucketSetFile = (key: string): boolean => isSetFile(fileNameOf(key));

/** The part of a key after its last slash. */
export const fileNameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/**
 * The run id of a version: the same for every replica and at every start, different for each upload, and sortable by
 * the time of the upload.
 */
export const runOfFile = ({ uri, version, modified }: BucketFile): string =>
  runId(modified, hash('sha256', `${uri}\n${version}`, 'buffer'));

/**
 * The name of one drop from a bucket, which begins with its run id and a dot. The run id alone can collide: it has 30
 * bits besides its second, and thousands of files can be uploaded in one second.
 */
export const dropName = ({ run, uri }: { readonly run: string; readonly uri: string }): string =>
  `${run}.${hash('sha256', uri).slice(0, 32)}`;
