/** The warnings that the person who drops a file can read, in a folder and in a bucket. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runId } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { dealtWith, withBuckets, withMethod } from './bucket-world.ts';
import { setOf, startWorld, withWorld } from './world.ts';

const s3 = withBuckets();
const env = { COMPAT: 'true' };

const WARNED = setOf('act', 1);
const CLEAN = WARNED.replace('items:', 'defaults:\n  engine: neural\nitems:');

describe('the warnings of an accepted set file', () => {
  it('are beside it in done, and the log says where they are', () =>
    withWorld(async (world) => {
      await using _ingest = await world.ingest(env);
      await mkdir(join(world.inbox, 'done'), { recursive: true });
      await writeFile(join(world.inbox, 'done', 'clean.yml.warnings.txt'), 'of a file that was taken away');
      await world.moveIn('clean.yml', CLEAN);
      await world.moveIn('act.yml', WARNED);
      await eventually(
        async () => (await world.lives()).length === 2 && (await world.files('.claimed')).length === 0,
      );
      expect(await world.files('done')).toEqual(['act.yml', 'act.yml.warnings.txt', 'clean.yml']);
      const text = await readFile(join(world.inbox, 'done', 'act.yml.warnings.txt'), 'utf8');
      const { setId, data } =
        (await world.lives()).find(({ data: { source } }) => source.uri.endsWith('/act.yml')) ?? {};
      expect(text).toContain(`(run ${data?.run}), is accepted as ${setId} with 1 warning.\n`);
      expect(text).toContain('\nact.yml:4:5: no engine is named');
      expect(
        world.logged.find(({ event, file }) => event === 'set-accepted' && file === 'act.yml'),
      ).toMatchObject({
        set: setId,
        warnings: 1,
        places: [{ line: 4, code: 'unnamed-engine' }],
      });
    }));

  it('are beside it in a bucket, until a file without warnings is put there', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await using _ingest = s3.watch(world, bucket, { env });
    const warnings = async () => Buffer.from(await bucket.store.get('act.yml.warnings.txt')).toString();
    await bucket.put('act.yml', WARNED);
    await eventually(async () => (await dealtWith(world)) === 1);
    expect(await warnings()).toContain('\nact.yml:4:5: no engine is named');
    const [{ data } = {}] = await world.lives();
    // Runs sort by the second, so wait for the next one.
    await eventually(() => runId(new Date(), new Uint8Array(6)) > (data?.run ?? ''));
    await bucket.put('act.yml', CLEAN);
    await eventually(async () => (await dealtWith(world)) === 2);
    expect(await warnings()).toMatch(/^act\.yml, dropped at .* is accepted as act-\S+ with no warnings\.\n$/);
    expect(await bucket.keys()).toEqual(['act.yml', 'act.yml.warnings.txt']);
  });
});

it('a set file in a bucket is processed however large the objects in the place of its reports are', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  let pieces = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; ; pieces++) yield Buffer.alloc(1024 ** 2, ' ');
  }
  const inboxAt: typeof s3.open = (uri) => {
    const inbox = s3.open(uri);
    const isSetFile = (key: string): boolean => key === 'act.yml';
    const whole = withMethod(inbox, 'get', async (key) => {
      if (isSetFile(key)) return inbox.get(key);
      throw new RangeError('too large for one text');
    });
    return withMethod(whole, 'read', (key, version) =>
      isSetFile(key) ? inbox.read(key, version) : endless(),
    );
  };
  await using _ingest = s3.watch(world, bucket, { deps: { inboxAt } });
  await bucket.put('act.yml', CLEAN);
  await eventually(async () => (await dealtWith(world)) === 1);
  expect((await world.lives()).map(({ name }) => name)).toEqual(['SetAccepted']);
  expect(pieces).toBe(0);
});
