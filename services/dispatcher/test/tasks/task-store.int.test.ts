/** In which region the task bucket is reached, by the signatures of requests to a server. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '@setlist/runtime';
import { expect, test, vi } from 'vitest';
import { dispatcherConfig } from '../../src/index.ts';
import { taskStore } from '../../src/tasks/task-store.ts';

test.each([
  { provider: 'polly', at: 'AWS', region: 'eu-west-2' },
  { provider: 'polly', at: 'another address', region: 'eu-central-1' },
  { provider: 'local', at: 'AWS', region: 'eu-central-1' },
] as const)(
  'the bucket of tasks of $provider at $at is reached in $region',
  async ({ provider, at, region }) => {
    const regions: (string | undefined)[] = [];
    const server = createServer(({ headers: { authorization = '' } }, response) => {
      regions.push(/Credential=test\/\d+\/([^/]+)\/s3\//.exec(authorization)?.[1]);
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    vi.stubEnv('AWS_ENDPOINT_URL', url);
    try {
      const settings = loadConfig(dispatcherConfig, {
        STORE: 's3://audio',
        S3_REGION: 'eu-central-1',
        S3_FORCE_PATH_STYLE: 'true',
        POLLY_REGION: 'eu-west-2',
        ...(at === 'AWS' ? {} : { S3_ENDPOINT: url }),
      });
      expect(await taskStore({ ...settings, TASK_BUCKET: 'tasks' }, provider).head('a.mp3')).toBeUndefined();
      expect(regions).toEqual([region]);
    } finally {
      vi.unstubAllEnvs();
      server.closeAllConnections();
      server.close();
    }
  },
);
