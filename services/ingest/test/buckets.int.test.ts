/** Set files in buckets, found by listing, on a real broker and a server that speaks S3. */
import { runId } from '@setlist/contracts';
import { createLogger, loadConfig } from '@setlist/runtime';
import { StoreError } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { createIngest, ingestConfig, openPlaces } from '../src/index.ts';
import { BAD, dealtWith, setNames, withBuckets, withMethod } from './bucket-world.ts';
import { setOf, startWorld, upTo } from './world.ts';

const s3 = withBuckets();

describe('a set file in a bucket', () => {
  it('is taken from any folder below the prefix, and stays where it is', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await using _ingest = s3.watch(world, bucket);
    await bucket.put('act 1+ü.yml', setOf('act-1', 3));
    await bucket.put('deep/er/act-2.yaml', setOf('act-2', 2));
    await bucket.put('notes.txt', 'no set file');
    await eventually(async () => expect((await setNames(world)).sort()).toEqual(['act-1', 'act-2']));
    const [first] = (await world.lives()).filter(({ data }) => data.source.uri.endsWith('act 1+ü.yml'));
    expect(first?.data.source).toMatchObject({
      uri: `${bucket.uri}/act 1+ü.yml`,
      bytes: setOf('act-1', 3).length,
    });
    await eventually(async () => expect(await world.requested(first?.setId ?? '')).toEqual(upTo(3)));
    expect(await bucket.keys()).toEqual(['act 1+ü.yml', 'deep/er/act-2.yaml', 'notes.txt']);
  });

  it('is a new run when it is put again, and only then', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await using _ingest = s3.watch(world, bucket);
    await bucket.put('again.yml', setOf('again', 1));
    await eventually(async () => (await world.lives()).length === 1);
    await bucket.put('again.yml', setOf('again', 2));
    await eventually(async () => (await world.lives()).length === 2);
    await bucket.put('other.yml', setOf('other', 1));
    await eventually(async () => (await setNames(world)).includes('other'));
    expect(await setNames(world)).toEqual(['again', 'again', 'other']);
  });

  it('that was processed is not read again by an ingest that starts later', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    {
      await using _ingest = s3.watch(world, bucket);
      await bucket.put('old.yml', setOf('old', 2));
      await bucket.put('bad.yml', BAD);
      await eventually(async () => (await bucket.keys()).length === 4);
      await eventually(async () => (await dealtWith(world)) === 2);
    }
    const reads: string[] = [];
    const counting = withMethod(bucket.store, 'read', (key, version) => {
      if (key.endsWith('.yml')) reads.push(key);
      return bucket.store.read(key, version);
    });
    await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => counting } });
    await bucket.put('zz-new.yml', setOf('new', 1));
    await eventually(async () => (await setNames(world)).includes('new'));
    expect(reads).toEqual(['zz-new.yml']);
  });

  it('is skipped if it was last written before INBOX_SINCE, and only then', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await bucket.put('old.yml', setOf('old', 1));
    const [old] = await Array.fromAsync(bucket.store.list(''));
    const INBOX_SINCE = new Date((old?.modified.getTime() ?? 0) + 1_000).toISOString();
    await eventually(() => Date.now() >= Date.parse(INBOX_SINCE));
    await bucket.put('zz-new.yml', setOf('new', 1));
    await using _ingest = s3.watch(world, bucket, { env: { INBOX_SINCE } });
    await eventually(async () => (await setNames(world)).includes('new'));
    // Lists are in the order of keys: the old file was seen first.
    expect(await setNames(world)).toEqual(['new']);
  });

  it('is refused with its report beside it, which is not taken for a set file', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await using _ingest = s3.watch(world, bucket);
    await bucket.put('acts/bad.yml', BAD);
    await eventually(async () => (await bucket.keys()).length === 3);
    expect(await bucket.keys()).toEqual([
      'acts/bad.yml',
      'acts/bad.yml.problems.json',
      'acts/bad.yml.problems.txt',
    ]);
    const text = Buffer.from(await bucket.store.get('acts/bad.yml.problems.txt')).toString();
    expect(text).toContain('bad.yml:4:5:');
    const json = JSON.parse(Buffer.from(await bucket.store.get('acts/bad.yml.problems.json')).toString());
    const [rejected] = await world.lives();
    expect(json).toMatchObject({ file: 'bad.yml', setId: rejected?.setId, problemCount: 2 });
    await bucket.put('good.yml', setOf('good', 1));
    await eventually(async () => (await setNames(world)).includes('good'));
    expect(await setNames(world)).toEqual(['bad', 'good']);
  });

  it('that was corrected has its acceptance replace the report on the refused one', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await using _ingest = s3.watch(world, bucket);
    const report = async (ending: string) =>
      Buffer.from(await bucket.store.get(`act.yml.problems.${ending}`)).toString();
    await bucket.put('act.yml', BAD);
    await eventually(async () => (await dealtWith(world)) === 1);
    const [refused] = await world.lives();
    expect(await report('txt')).toMatch(/^It was dropped at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(run .*\)/m);
    expect(await report('txt')).toContain(`(run ${refused?.data.run})`);
    // Runs sort by the second, so wait for the next one.
    await eventually(() => runId(new Date(), new Uint8Array(6)) > (refused?.data.run ?? ''));
    await bucket.put('act.yml', setOf('act', 1));
    await eventually(async () => (await dealtWith(world)) === 2);
    const { setId = '', data } = (await world.lives()).find(({ name }) => name === 'SetAccepted') ?? {};
    expect(await report('txt')).toMatch(
      new RegExp(
        `^act.yml, dropped at .* is accepted as ${setId}\\. An earlier upload .* replaces it\\.\\n$`,
      ),
    );
    expect(JSON.parse(await report('json'))).toEqual({
      ...{ file: 'act.yml', setId, run: data?.run, name: 'act', problemCount: 0, problems: [] },
    });
    expect(await bucket.keys()).toHaveLength(3);
  });

  it('is not held up by any number of others that can’t be processed', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    const denied = async (): Promise<never> => {
      throw new StoreError('denied', 'no report may be written here', { remedy: 'Allow it.' });
    };
    const inboxAt = (uri: string) => withMethod(s3.open(uri), 'put', denied);
    await using _ingest = s3.watch(world, bucket, { deps: { inboxAt } });
    await Promise.all(upTo(40).map((n) => bucket.put(`bad-${n}.yml`, BAD)));
    await eventually(() => world.logged.filter(({ event }) => event === 'set-file-waits').length >= 16);
    await bucket.put('good.yml', setOf('good', 1));
    await eventually(async () => (await setNames(world)).includes('good'));
  });

  it('is processed once by three replicas', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    await using _one = s3.watch(world, bucket);
    await using _two = s3.watch(world, bucket);
    await using _three = s3.watch(world, bucket);
    await Promise.all(upTo(12).map((n) => bucket.put(`set-${n}.yml`, setOf(`set-${n}`, 5))));
    await eventually(async () => (await world.lives()).length === 12);
    await eventually(async () => (await dealtWith(world)) === 12);
    const lives = await world.lives();
    expect(new Set(await setNames(world)).size).toBe(12);
    for (const { setId: id = '' } of lives) expect(await world.requested(id)).toEqual(upTo(5));
    expect(world.logged.filter(({ event }) => event === 'items-requested')).toHaveLength(12);
  });

  it('is skipped under a name that no store can hold, or with no room for its report, and logged once with what to do', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    // With the prefix, it has 1,015 bytes of at most 1,024.
    const long = `${`${'d'.repeat(200)}/`.repeat(5)}act.yml`;
    for (const key of ['act 1//scene 2.yml', '/notes.txt', long, 'good.yml']) {
      await bucket.putAsIs(key, setOf('named', 1));
    }
    let lists = 0;
    const counting = withMethod(bucket.store, 'list', (...asked) => {
      lists += 1;
      return bucket.store.list(...asked);
    });
    await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => counting } });
    await eventually(() => lists > 2);
    await eventually(async () => (await setNames(world)).includes('named'));
    const remedies = world.logged.flatMap(({ event, file, remedy }) =>
      event === 'ignored' ? [[file, remedy]] : [],
    );
    expect(remedies.sort()).toEqual([
      ['act 1//scene 2.yml', 'Give the object another name: write a single "/".'],
      [long, 'Give the object another name: shorten the prefix or the file name.'],
    ]);
    expect(await setNames(world)).toEqual(['named']);
  });

  it('of 5 MB is read in pieces and requested completely', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    let pieces = 0;
    const inPieces = withMethod(bucket.store, 'read', async function* (key, version) {
      for await (const piece of bucket.store.read(key, version)) {
        pieces += 1;
        yield piece;
      }
    });
    const inbox = withMethod(inPieces, 'get', async (key) => {
      if (key === 'large.yml') throw new Error('a set file is read as a whole');
      return bucket.store.get(key);
    });
    await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => inbox } });
    const items = 5_000;
    const text = setOf('large', items).replaceAll('Phrase', `Phrase ${'and so on '.repeat(100)}`);
    expect(text.length).toBeGreaterThan(5_000_000);
    await bucket.put('large.yml', text);
    await eventually(async () => (await dealtWith(world)) === 1);
    const [accepted] = await world.lives();
    expect(new Set(await world.requested(accepted?.setId ?? ''))).toEqual(new Set(upTo(items)));
    expect(pieces).toBeGreaterThan(10);
  });
});

it('an inbox in the output’s bucket is watched if it has a prefix of its own', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const output = s3.open(new URL('/', bucket.uri).href.slice(0, -1));
  await using _ingest = s3.watch(world, bucket, { deps: { output } });
  await bucket.put('act.yml', setOf('act', 1));
  await eventually(async () => (await setNames(world)).includes('act'));
  const [accepted] = await world.lives();
  expect(accepted?.data).toMatchObject({ set: { location: `${output.uri}/act` } });
});

it('names that are too long with the output’s own prefix are refused, with their place', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const output = s3.open(`s3://audio/${'b'.repeat(100)}`);
  await using _ingest = s3.watch(world, bucket, { deps: { output } });
  const prefixed = (name: string, bytes: number, more = '') => {
    const prefix = 'ppp/'
      .repeat(bytes)
      .slice(0, bytes - 1)
      .concat('p');
    return `set:\n  name: ${name}\n  output-prefix: ${prefix}\nitems:\n  - text: Hello.\n${more}`;
  };
  await bucket.put('prefix.yml', prefixed('prefix', 943));
  await bucket.put('file.yml', prefixed('file', 850, `    output-file: ${'f'.repeat(150)}.mp3\n`));
  await eventually(async () => (await world.lives()).length === 2);
  const tooLong = { line: 3, column: 18, path: 'set.output-prefix', code: 'name-too-long' };
  for (const { data } of await world.lives()) expect(data).toMatchObject({ problems: [tooLong] });
});

it('an inbox that holds the store is refused before anything in it is taken for a set file', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const settings = loadConfig(ingestConfig, {
    INBOX: bucket.uri,
    STORE: `${bucket.uri}/audio`,
    NATS_URL: world.nats.url,
  });
  const logger = createLogger({ service: 'ingest', level: 'silent' });
  const create = () => createIngest(settings, { log: world.log, logger, ...openPlaces(settings) });
  expect(create).toThrow(expect.objectContaining({ code: 'inbox-holds-store' }));
});
