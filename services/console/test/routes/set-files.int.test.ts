/** Set files over HTTP before they are submitted: checked, planned, heard. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lexiconsSubject } from '@setlist/contracts';
import { paidFor, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;
let store: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  store = await temporaryFolder();
  world = await startWorld({ PROVIDER: 'polly', MAX_SET_FILE: '100000', STORE: store.path });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
});

const send = async (path: string, text: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${world.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml', ...headers },
    body: text,
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

const TOUR = `set:
  name: tour
defaults:
  engine: neural
items:
  - text: Welcome.
  - text: Goodbye.
  - text: Welcome.
    output-file: again.mp3
`;
const BAD = TOUR.replace('Goodbye.', 'Goodbye.\n    voice-id: Nobody');

describe('a set file that is checked', () => {
  it('gets every problem with its line, column and remedy', async () => {
    const { status, body } = await send('/validate?fileName=tour.yml', BAD);
    expect([status, body.ok, body.problemCount]).toEqual([200, false, 1]);
    expect(body.problems[0]).toMatchObject({ line: 8, column: 15, path: 'items[1].voice-id' });
    expect(body.problems[0].remedy).not.toBe('');
  });

  it('gets the problems of this installation that ingest would report', async () => {
    const { body } = await send(
      '/validate?fileName=tour.yml',
      TOUR.replace('tour\n', 'tour\n  notify: [pager]\n'),
    );
    expect(body).toMatchObject({ ok: false, problems: [{ code: 'unknown-channel', line: 3 }] });
  });

  it('is valid, and is summarized', async () => {
    const { body } = await send('/validate?fileName=tour.yml', TOUR);
    expect(body).toMatchObject({ ok: true, set: 'tour', prefix: 'tour', items: 3, billedCharacters: 24 });
  });

  it('can be JSON, by its name', async () => {
    const text = JSON.stringify({ set: { name: 'j' }, items: [{ text: 'One.' }] });
    const { body } = await send('/validate?fileName=j.json', text, { 'content-type': 'application/json' });
    expect(body).toMatchObject({ ok: true, set: 'j', items: 1 });
  });

  it('is refused if it is too large, with or without Content-Length', async () => {
    const large = TOUR + '#'.repeat(100_000);
    expect(await send('/validate?fileName=tour.yml', large)).toMatchObject({
      status: 413,
      body: { code: 'body-too-large' },
    });
    const pieces = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 12; sent++) controller.enqueue(Buffer.alloc(10_000, '#'));
        controller.close();
      },
    });
    const response = await fetch(`${world.url}/api/v1/validate?fileName=tour.yml`, {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: pieces,
      duplex: 'half',
    } as RequestInit);
    expect([response.status, JSON.parse(await response.text()).code]).toEqual([413, 'body-too-large']);
  });

  it('needs a body and a name', async () => {
    expect(await send('/validate?fileName=tour.yml', '')).toMatchObject({
      status: 400,
      body: { code: 'no-set-file' },
    });
    expect((await send('/validate', TOUR)).body.code).toBe('invalid-request');
    expect((await send('/validate?fileName=..%2Ftour.yml', TOUR)).body.code).toBe('invalid-request');
  });
});

describe('a plan', () => {
  it('says what is new and what that costs, each sound once', async () => {
    const { status, body } = await send('/plan?fileName=tour.yml', TOUR);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      set: 'tour',
      provider: 'polly',
      itemCount: 3,
      states: { new: 3, cached: 0, changed: 0 },
      billedCharacters: 16,
      sounds: 2,
      estimatedUsd: '0.00026',
      removed: 0,
    });
    expect(body.items.map(({ toPay }: { toPay: number }) => toPay)).toEqual([8, 8, 0]);
  });

  it('lists as many items as were asked for, and counts all', async () => {
    const { body } = await send('/plan?fileName=tour.yml&items=1', TOUR);
    expect([body.itemCount, body.items.length]).toEqual([3, 1]);
  });

  it('says why the set would be refused for its cost', async () => {
    const { body } = await send('/plan?fileName=tour.yml&maxUsd=0.0001', TOUR);
    expect(body.problem).toMatchObject({ code: 'budget' });
    expect(body.budget).toEqual({ usd: '0.0001', by: '--max-usd' });
  });

  it('counts what is gone from the store, and is refused if the store can’t be read', async () => {
    const object = await payFor('Welcome, gone.');
    const text = TOUR.replaceAll('Welcome.', 'Welcome, gone.');
    const audio = join(store.path, object);
    await mkdir(dirname(audio));
    await writeFile(audio, 'ID3!');
    const plan = () => send('/plan?fileName=tour.yml', text);
    expect((await plan()).body).toMatchObject({
      states: { new: 1, cached: 2, gone: 0 },
      audioUnknown: false,
    });
    await rm(dirname(audio), { recursive: true });
    expect((await plan()).body).toMatchObject({
      states: { new: 1, cached: 0, gone: 2 },
      billedCharacters: 22,
    });

    await symlink(dirname(audio), dirname(audio));
    const { status, body } = await plan();
    expect([status, body.code]).toEqual([503, 'store-denied']);
    expect(body.detail).not.toContain(store.path);
    expect(world.logged.join()).toContain('a request needed the store, which could not serve it');
  });

  it('is put off while dispatchers can’t read its lexicons; only the log has the provider’s own words', async () => {
    const words = 'User: arn:aws:iam::123456789012:role/setlist is not authorized';
    await using _answering = world.log.answer(
      lexiconsSubject('polly'),
      async () => ({ digests: {}, error: words }),
      (error) => {
        throw error;
      },
    );
    const text = TOUR.replace('neural\n', 'neural\n  lexicons: [w3c]\n');
    const { status, body } = await send('/plan?fileName=tour.yml', text);
    expect([status, body.code]).toEqual([503, 'lexicons-unknown']);
    expect(body.remedy).toContain('Check the dispatchers');
    expect(JSON.stringify(body)).not.toContain('arn:');
    expect(world.logged.join()).toContain(words);
  });

  it('is refused for an invalid file, with every problem', async () => {
    const { status, body } = await send('/plan?fileName=tour.yml', BAD);
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'set-file-refused',
      problemCount: 1,
      problems: [{ line: 8, column: 15 }],
    });
  });
});

it('lists the voices of a language, bilingual ones too', async () => {
  const response = await fetch(`${world.url}/api/v1/voices?language=hi-IN`);
  const { voices } = (await response.json()) as { voices: { id: string; additionalLanguages: string[] }[] };
  expect(voices.map(({ id }) => id)).toEqual(['Aditi', 'Kajal']);
  expect(voices[0]?.additionalLanguages).toEqual(['hi-IN']);
});

/** Appends that a phrase of the tour was paid for. @returns the key of its audio */
async function payFor(text: string): Promise<string> {
  const paid = paidFor(text);
  await world.log.append(paid, { lastSeq: 0 });
  return paid.data.object;
}
