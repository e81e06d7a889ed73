/** Manifests in stores of every kind, on a real broker, whatever another store does and whenever a tracker is killed. */
import { once } from 'node:events';
import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { manifestSchema } from '@setlist/contracts';
import { openStore } from '@setlist/storage';
import { eventsOf, eventually, startS3 } from '@setlist/testkit';
import { describe, expect, test, vi } from 'vitest';
import { openFolder, rebuilt, run, WRITING } from './manifest-folder.ts';
import { asked, openWorld, outcomes } from './world.ts';

/** Accepts every call, and answers none but those that `answer` does. */
async function openSilentServer(answer: RequestListener = () => undefined) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get asked() {
      return asked;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a manifest is written at the next start if no tracker ran, or one was killed, when its set ended', async () => {
  await using world = await openWorld();
  await using s3 = await startS3();
  await s3.createBucket('audio');
  for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  let puts = 0;
  await using stuck = await openSilentServer((request, response) => {
    if (request.method === 'PUT') puts++;
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  });
  const set = eventsOf(run(1), 20, 's3://audio/out');
  const blind = await world.startTracker();
  await world.tell([...asked(set, 20), ...outcomes(set, 0, 20)]);
  await eventually(async () => (await world.summary(set.id))?.state === 'completed');
  await blind.stop();
  const writing = { MANIFESTS: 'true', S3_REGION: s3.region, S3_FORCE_PATH_STYLE: 'true' };
  const killed = await world.startTrackerProcess({ ...writing, S3_ENDPOINT: stuck.url });
  await eventually(() => puts > 0);
  await killed.kill9();
  // The broker redelivers to the next tracker after the ack wait.
  const last = await world.startTrackerProcess({ ...writing, S3_ENDPOINT: s3.endpoint });
  await last.waitForLine(/"event":"manifest-written"/);
  const where = { endpoint: s3.endpoint, region: s3.region, forcePathStyle: true };
  const store = openStore('s3://audio/out', where);
  const read = async (name: string) => Buffer.from(await store.get(`moby-dick/${name}`)).toString();
  const { generatedFromSeq } = JSON.parse(await read('manifest.json'));
  expect([await read('manifest.json'), await read('manifest.csv')]).toEqual(
    await rebuilt(world, set.id, generatedFromSeq),
  );
});

describe('a store', () => {
  test('that can’t be written to holds up neither the fold nor other manifests, and gets its own once it works', async () => {
    await using world = await openWorld();
    await using folder = await openFolder();
    await using other = await openFolder();
    await world.startTracker(WRITING);
    // A file where the store's folder should be.
    await writeFile(folder.out, '');
    const [stuck, free] = [eventsOf(run(1), 3, folder.uri), eventsOf(run(2), 3, other.uri)];
    for (const set of [stuck, free]) await world.tell([...asked(set, 3), ...outcomes(set, 0, 3)]);
    await eventually(() => stat(other.json));
    await eventually(async () => (await world.summary(stuck.id))?.state === 'completed');
    await rm(folder.out);
    await mkdir(folder.out);
    await chmod(folder.out, 0o755);
    await eventually(async () => expect(await folder.read()).toMatchObject({ setId: stuck.id }));
  });

  test('that never answers holds up no manifests that go elsewhere, however many wait for it', async () => {
    await using silent = await openSilentServer();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
    await using world = await openWorld();
    await using folder = await openFolder();
    const stuck = Array.from({ length: 20 }, (_, n) => eventsOf(run(10 + n), 1, 's3://silent/out'));
    for (const set of stuck) await world.tell([...asked(set, 1), set.completed(0)]);
    await world.startTracker({ ...WRITING, S3_ENDPOINT: silent.url, S3_REGION: 'eu-central-1' });
    await eventually(() => silent.asked > 0);
    for (const set of stuck) await eventually(async () => (await world.said('SetCompleted', set.id)).length);
    const free = eventsOf(run(1), 3, folder.uri);
    await world.tell([...asked(free, 3), ...outcomes(free, 0, 3)]);
    await eventually(() => stat(folder.json));
  });

  test('can be a bucket, with a manifest larger than one request', async () => {
    await using s3 = await startS3();
    await s3.createBucket('audio');
    for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
    await using world = await openWorld();
    const where = { S3_ENDPOINT: s3.endpoint, S3_REGION: s3.region, S3_FORCE_PATH_STYLE: true };
    await world.startTracker({ ...WRITING, ...where });
    const items = 1_500;
    const set = eventsOf(run(1), items, 's3://audio/out', 'As long as two pages. '.repeat(320));
    await world.tell([...asked(set, items), ...outcomes(set, 0, items)]);
    const store = openStore('s3://audio/out', {
      endpoint: s3.endpoint,
      region: s3.region,
      forcePathStyle: true,
    });
    const text = await eventually(
      async () => Buffer.from(await store.get('moby-dick/manifest.json')).toString(),
      { everyMs: 200 },
    );
    expect(text.length).toBeGreaterThan(9 * 1024 * 1024);
    const manifest = manifestSchema.parse(JSON.parse(text));
    expect([text, Buffer.from(await store.get('moby-dick/manifest.csv')).toString()]).toEqual(
      await rebuilt(world, set.id, manifest.generatedFromSeq),
    );
  });
});
