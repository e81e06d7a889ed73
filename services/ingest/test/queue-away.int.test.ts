/** Whether ingest is ready while a queue refuses it, at a server that stands in for SQS. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@setlist/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { withBuckets } from './bucket-world.ts';
import { startWorld } from './world.ts';

const s3 = withBuckets();

/** A queue that refuses every request until it is let in; then it is empty, and lets all but the first request wait. */
async function startQueue() {
  let isRefused = true;
  let answered = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (isRefused) response.writeHead(403).end('{"__type":"AccessDenied","message":"not you"}');
    else if (answered++ === 0) response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/1/sets`,
    letIn: (): void => {
      isRefused = false;
    },
  };
}

it('ingest is alive, but not ready, while its queue refuses it', async () => {
  await using world = await startWorld();
  const queue = await startQueue();
  const { endpoint, region } = s3.server();
  await using ingest = await world.process({
    ...s3.server().env,
    ...{ INBOX: (await s3.create()).uri, BUCKET_POLL_EVERY: '10m', SQS_QUEUES: queue.url },
    ...{ S3_ENDPOINT: endpoint, S3_REGION: region, S3_FORCE_PATH_STYLE: 'true', AWS_ENDPOINT_URL: '' },
  });
  const { healthUrl } = JSON.parse(await ingest.waitForLine(/"event":"ready"/)) as { healthUrl: string };
  const readiness = async () => {
    const response = await fetch(`${healthUrl}/readyz`);
    return { ...((await response.json()) as object), code: response.status };
  };
  const reason = expect.stringContaining(`${queue.url} can't be used: not you`);
  const checks = { broker: { ok: true }, inbox: { ok: true }, queue: { ok: false, reason } };
  await eventually(async () => expect(await readiness()).toMatchObject({ code: 503, checks }));
  expect((await fetch(`${healthUrl}/healthz`)).status).toBe(200);
  queue.letIn();
  await eventually(async () =>
    expect(await readiness()).toMatchObject({ code: 200, checks: { queue: { ok: true } } }),
  );
});
