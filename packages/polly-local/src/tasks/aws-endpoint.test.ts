import { expect, test } from 'vitest';
import { awsClientConfig } from './aws-endpoint.ts';

test.each([
  ['http://127.0.0.1:9000', true],
  ['http://127.0.0.53:9000', true],
  ['http://LOCALHOST:9000', true],
  ['http://[::1]:9000', true],
  ['http://10.0.0.1:9000', false],
  ['https://s3.eu-central-1.amazonaws.com', false],
])('whether %s gets made-up credentials: %s', (url, isHere) => {
  expect('credentials' in awsClientConfig({ url, region: 'eu-central-1' })).toBe(isHere);
});
