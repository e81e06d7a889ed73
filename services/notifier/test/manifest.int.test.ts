/** The manifest attached to a mail, from a folder and from a real S3 API on loopback. */
import { join } from 'node:path';
import { MANIFEST_SCHEMA, type ManifestHeader, newEvent } from '@setlist/contracts';
import { manifestJson } from '@setlist/sets';
import { openStore } from '@setlist/storage';
import { acceptedData, eventually, type S3Server, type SmtpServer, startSmtp } from '@setlist/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Harness, startAws, startHarness } from './harness.ts';
import { completed, SET_ID } from './set-events.ts';

let stack: AsyncDisposableStack;
let world: Harness;
let aws: S3Server;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  aws = await startAws(stack);
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

describe('the manifest', () => {
  const { set, chain, ...done } = completed().data;
  let smtp: SmtpServer;

  beforeEach(async () => {
    smtp = stack.use(await startSmtp());
  });

  const accepted = (output: string) =>
    newEvent('SetAccepted', acceptedData({ prefix: 'moby-dick', output, itemCount: 6 }), {
      source: 'ingest',
      now: new Date(),
      setId: SET_ID,
    });
  const settings = (more: Record<string, string> = {}) => ({
    SMTP_URL: smtp.url,
    MAIL_TO: 'jane@example.com',
    S3_ENDPOINT: aws.endpoint,
    S3_FORCE_PATH_STYLE: 'yes',
    MANIFEST_WAIT: '30s',
    ...more,
  });
  const headerOf = (output: string, head: string): ManifestHeader => ({
    ...accepted(output).data,
    ...done,
    $schema: MANIFEST_SCHEMA,
    setId: SET_ID,
    name: set.name,
    location: set.location,
    state: 'completed',
    acceptedAt: done.startedAt,
    sparedCharacters: 0,
    chain: { ...chain, head },
    acceptedSeq: 1,
    generatedFromSeq: 14,
  });
  const write = async (output: string, csv: string, head = chain.head): Promise<void> => {
    const store = openStore(output, aws.s3ClientConfig);
    await store.put('moby-dick/manifest.csv', Buffer.from(csv), { contentType: 'text/csv' });
    const json = await Array.fromAsync(manifestJson(headerOf(output, head), []), (piece) =>
      Buffer.from(piece),
    );
    await store.put('moby-dick/manifest.json', Buffer.concat(json), { contentType: 'application/json' });
  };

  test.each(['folder', 'bucket'])('is attached to the mail once it is in its %s', async (kind) => {
    if (kind === 'bucket') await aws.createBucket('audio');
    const output = kind === 'bucket' ? 's3://audio/out' : join(world.folder, 'out');
    // An earlier round's manifest, not the one that is waited for.
    await write(output, 'index\n', 'c'.repeat(64));
    world.notifier(settings());
    await world.happened(accepted(output), completed());
    await eventually(() => world.entries.some(({ event }) => event === 'channels'));
    await write(output, 'index,file\n0,a.mp3\n');
    const [mail] = await smtp.waitFor(1);
    const [attachment] = mail?.attachments ?? [];
    expect(attachment).toMatchObject({ filename: 'manifest.csv', contentType: 'text/csv' });
    expect(attachment?.content.toString()).toBe('index,file\n0,a.mp3\n');
    expect(mail?.text).toContain('completed with 6 successful tasks');
  });

  test('is not waited for longer than MANIFEST_WAIT', async () => {
    world.notifier(settings({ MANIFEST_WAIT: '1s' }));
    await world.happened(accepted(join(world.folder, 'out')), completed());
    const [mail] = await smtp.waitFor(1);
    expect(mail?.attachments).toEqual([]);
  });

  test('is omitted if it is large', async () => {
    const output = join(world.folder, 'out');
    await write(output, 'x'.repeat(2_000));
    world.notifier(settings({ MANIFEST_MAX_BYTES: '1999' }));
    await world.happened(accepted(output), completed());
    const [mail] = await smtp.waitFor(1);
    expect(mail?.attachments).toEqual([]);
  });

  test('is omitted, and the log says so, if the store can’t be read', async () => {
    world.notifier(settings());
    await world.happened(accepted('ftp://nowhere'), completed());
    const [mail] = await smtp.waitFor(1);
    expect(mail?.attachments).toEqual([]);
    expect(world.entries).toContainEqual(
      expect.objectContaining({ event: 'manifest-not-read', code: 'invalid-uri' }),
    );
  });
});
