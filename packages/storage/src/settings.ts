/** The settings that say how services and tools reach their stores. */
import { flag, readAs, url } from '@setlist/runtime';
import { z } from 'zod';
import type { OpenStoreOptions } from './open-store.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MOST_TAGS = 10;

const tags = () =>
  readAs((text) => {
    const pairs = text
      .split(',')
      .map((pair) => /^\s*([^=]{1,128}?)\s*=\s*(.{0,256}?)\s*$/.exec(pair)?.slice(1));
    return pairs.length <= MOST_TAGS && pairs.every((pair) => pair !== undefined)
      ? (Object.fromEntries(pairs) as Record<string, string>)
      : undefined;
  }, 'must be at most ten tags, such as project=moby,team=audio');

/** To be spread into a service's own settings, beside the address of its store. */
export const storeSettings = {
  S3_ENDPOINT: url().optional().describe('address of an S3-compatible store; AWS’s own if not set'),
  S3_REGION: z.string().optional().describe('region of the buckets; AWS_REGION if not set'),
  S3_FORCE_PATH_STYLE: flag()
    .prefault('false')
    .describe('whether the bucket is part of the path, as most stores other than AWS’s require'),
  AUDIO_CACHE_CONTROL: z
    .string()
    .optional()
    .describe('Cache-Control of audio in S3, such as public, max-age=31536000, immutable'),
  S3_TAGS: tags().optional().describe('tags of every object in S3: project=moby,team=audio'),
  S3_ENCRYPTION: z
    .enum(['AES256', 'aws:kms'], { error: 'must be AES256 or aws:kms' })
    .optional()
    .describe('encryption at rest, AES256 or aws:kms; the bucket’s own default if not set'),
  S3_KMS_KEY_ID: z
    .string()
    .optional()
    .describe('KMS key for aws:kms; the account’s own key for S3 if not set'),
  STORE_FSYNC: flag()
    .prefault('false')
    .describe('whether files stored in a folder survive a power cut, at the cost of a disk flush for each'),
};

/** The settings alone, for programs that have no others. */
export const storeConfig = z.object(storeSettings);
type StoreSettings = z.output<typeof storeConfig>;

/** The settings as options of `openStore`. */
export const storeOptionsOf = (settings: StoreSettings): OpenStoreOptions => ({
  endpoint: settings.S3_ENDPOINT,
  region: settings.S3_REGION,
  forcePathStyle: settings.S3_FORCE_PATH_STYLE,
  audioCacheControl: settings.AUDIO_CACHE_CONTROL,
  tags: settings.S3_TAGS,
  encryption: settings.S3_ENCRYPTION ?? (settings.S3_KMS_KEY_ID === undefined ? undefined : 'aws:kms'),
  kmsKeyId: settings.S3_KMS_KEY_ID,
  fsync: settings.STORE_FSYNC,
});
