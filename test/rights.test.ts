/** What the policies in deploy/iam say of calls that the whole system seldom makes, or must never make. */
import { canonicalKey, probeKey } from '@setlist/sounds';
import { expect, test } from 'vitest';
import { Policies } from './rights/policies.ts';

const POLICIES = new Policies({
  STORE_BUCKET: 'kept',
  STORE_PREFIX: 'setlist/',
  OUTPUT_BUCKET: 'audio',
  OUTPUT_PREFIX: 'out/',
});
const HASH = 'a'.repeat(64);
const SOUND = `kept/setlist/${canonicalKey(HASH, 'mp3')}`;
const PROBE = `kept/setlist/${probeKey(HASH, 'mp3')}`;
const FILE = 'audio/out/tour/welcome.mp3';

const allowing = (service: string, action: string, object: string): string | undefined =>
  POLICIES.allowing(service, { action, resource: `arn:aws:s3:::${object}` });

test.each([
  ['ingest', 's3:GetObject', SOUND],
  ['dispatcher', 's3:DeleteObject', PROBE],
  ['dispatcher', 's3:GetObject', FILE],
])('%s is allowed %s of %s', (...call) => {
  expect(allowing(...call)).toBeDefined();
});

test.each([
  ['ingest', 's3:PutObject', SOUND],
  ['dispatcher', 's3:DeleteObject', SOUND],
  ['dispatcher', 's3:DeleteObject', FILE],
])('%s is not allowed %s of %s', (...call) => {
  expect(allowing(...call)).toBeUndefined();
});
