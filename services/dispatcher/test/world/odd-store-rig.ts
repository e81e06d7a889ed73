/** A rig, and an S3 that can misbehave with the buckets `store` and `out`, for a test file. */
import { afterAll, beforeAll, vi } from 'vitest';
import { type OddStore, startOddStore } from './odd-store.ts';
import { type Rig, startRig } from './rig.ts';

/** Available once tests run; this process has credentials for the store. */
export function oddStoreRig(): { readonly rig: Rig; readonly s3: OddStore } {
  let rig: Rig;
  let s3: OddStore;
  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    rig = await startRig({ ENGINE: 'instant' });
    s3 = await startOddStore('store', 'out');
  });
  afterAll(async () => {
    await s3[Symbol.asyncDispose]();
    await rig[Symbol.asyncDispose]();
  });
  return {
    get rig() {
      return rig;
    },
    get s3() {
      return s3;
    },
  };
}
