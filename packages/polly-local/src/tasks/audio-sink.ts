/** Where tasks write their audio: buckets of an S3 API, or folders in place of buckets. */
import { join } from 'node:path';
import { writeWhole } from '../storage/whole-file.ts';
import { ApiError } from '../wire/api-error.ts';

export type AudioSink = {
  /** @throws ApiError InvalidS3BucketException, InvalidS3KeyException for a place it can't write to. */
  check(bucket: string, key: string): void;
  /** Writes atomically. */
  write(place: { bucket: string; key: string }, bytes: Uint8Array, contentType: string): Promise<void>;
};

/** `<folder>/<bucket>/<key>`. */
export function folderAudioSink(folder: string): AudioSink {
  return {
    check(_bucket, key) {
      // S3 takes such keys literally; a file system would leave the bucket's folder.
      if (key.split('/').some((part) => part === '.' || part === '..')) {
        throw new ApiError(
          'InvalidS3KeyException',
          `A folder can't hold a key with "." or ".." in its path: ${key}`,
        );
      }
    },
    write: ({ bucket, key }, bytes) => writeWhole(join(folder, bucket, key), bytes),
  };
}

/** Refuses all tasks, for an engine without a place to write to. */
export const noAudioSink: AudioSink = {
  check() {
    throw new ApiError(
      'InvalidS3BucketException',
      'This local engine accepts no tasks: start it with TASK_OUTPUT_DIR or S3_ENDPOINT',
    );
  },
  write: () => Promise.reject(new Error('There is no place to write to: set TASK_OUTPUT_DIR or S3_ENDPOINT')),
};
