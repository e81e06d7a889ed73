/** The bucket that a provider's tasks write to, as a store. */
import type { Provider } from '@setlist/contracts';
import { type ObjectStore, openStore, storeOptionsOf } from '@setlist/storage';
import type { DispatcherConfig } from '../config.ts';

/** At AWS, Polly writes only into buckets in its own region, which need not be that of the others. */
export function taskStore(
  config: DispatcherConfig & { TASK_BUCKET: string },
  provider: Provider,
): ObjectStore {
  const { TASK_BUCKET, TASK_STORE = `s3://${TASK_BUCKET}`, POLLY_REGION, S3_ENDPOINT, S3_REGION } = config;
  const region = provider === 'polly' && S3_ENDPOINT === undefined ? POLLY_REGION : S3_REGION;
  return openStore(TASK_STORE, { ...storeOptionsOf(config), region });
}
