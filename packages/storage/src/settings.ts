/** The settings by which every service and tool says how its stores are reached. */
import { flag, url } from '@setlist/runtime';
import { z } from 'zod';
import type { OpenStoreOptions } from './open-store.ts';

/** To be spread into a service's own settings, beside the address of its store. */
export const storeSettings = {
  S3_ENDPOINT: url().optional().describe('address of an S3-compatible store; AWS’s own where not set'),
  S3_REGION: z.string().optional().describe('region of the buckets; AWS_REGION where not set'),
  S3_FORCE_PATH_STYLE: flag()
    .prefault('false')
    .describe('whether the bucket stands in the path, as most stores other than AWS’s need'),
  STORE_FSYNC: flag()
    .prefault('false')
    .describe('whether what is stored in a folder survives a power cut, at the price of a flush each'),
};

export type StoreSettings = z.output<z.ZodObject<typeof storeSettings>>;

/** The same as options of `openStore`. */
export const storeOptionsOf = (settings: StoreSettings): OpenStoreOptions => ({
  endpoint: settings.S3_ENDPOINT,
  region: settings.S3_REGION,
  forcePathStyle: settings.S3_FORCE_PATH_STYLE,
  fsync: settings.STORE_FSYNC,
});
