/** Submitting over HTTP: through a real ingest into the log, all or nothing, and once per key. */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { requestKey, subjects } from '@setlist/contracts';
import { eventually, onceStill, type S3Server, startS3, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SetOf, seen, startWorld, type World } from '../world.ts';

const fileOf = (name: string, text = 'Welcome.') => `set:\n  name: ${name}\nitems:\n  - text: ${text}\n`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { setId: string; state: string; code: string; problems: unknown[] };
}

async function post(url: string, text: string, key?: string): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/yaml', ...(key && { 'idempotency-key': key }) },
    body: text,
  });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

async function setsNamed(world: World, name: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { event } of world.log.read({ subjects: [subjects.state('*')] })) {
    if (event?.name === 'SetAccepted' && event.data.set.name === name) ids.push(event.setId ?? '');
  }
  return ids;
}

describe('into a watched folder', () => {
  let world: World;
  let inbox: Awaited<ReturnType<typeof temporaryFolder>>;
  let submit: string;

  beforeAll(async () => {
    inbox = await temporaryFolder();
    world = await startWorld({ INBOX: inbox.path });
    await world.startIngest(inbox.path);
    submit = `${world.url}/api/v1/sets?fileName=a.yml`;
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await inbox?.[Symbol.asyncDispose]();
  });

  it('a valid file becomes the set that the answer names', async () => {
    const { status, headers, body } = await post(`${submit}&priority=high`, fileOf('taken'));
    expect([201, 202]).toContain(status);
    expect(headers.get('location')).toBe(`/api/v1/sets/${body.setId}`);
    const summary = await seen<{ priority: string; counts?: { requested: number } }>(
      `${world.url}/api/v1/sets/${body.setId}`,
      ({ counts }) => counts?.requested === 1,
    );
    expect(summary.priority).toBe('high');
  });

  it('a set that was answered as accepted can be fetched', async () => {
    const { headers } = await eventually(async () => {
      const answer = await post(submit, fileOf('at-once'));
      return answer.status === 201 && answer;
    });
    expect((await fetch(`${world.url}${headers.get('location')}`)).status).toBe(200);
  });

  it('a file with a problem is refused as a whole, before ingest sees it', async () => {
    // The sets of the tests before have all their items requested.
    const before = await eventually(async () => {
      for (const state of ['.placed', '.claimed']) expect(await readdir(join(inbox.path, state))).toEqual([]);
      return world.log.head();
    });
    const { status, body } = await post(submit, `${fileOf('broken')}  - text: 7\n    voice-id: Nobody\n`);
    expect([status, body.code]).toEqual([422, 'set-file-refused']);
    expect(body.problems).not.toEqual([]);
    expect(await readdir(join(inbox.path, '.placed'))).toEqual([]);
    expect(await world.log.head()).toBe(before);
  });

  it('a retry with the same key gets the first answer, also from another replica and after a restart', async () => {
    const first = await post(submit, fileOf('once'), 'key-once');
    const repeats = [await post(submit, fileOf('once'), 'key-once')];
    const another = await world.addConsole();
    repeats.push(await post(submit.replace(world.url, another), fileOf('once'), 'key-once'));
    await world.restartConsole();
    repeats.push(await post(submit, fileOf('once'), '"key-once"'));
    for (const { status, headers, body } of repeats) {
      expect([status, body]).toEqual([first.status, first.body]);
      expect(headers.get('idempotency-replayed')).toBe('true');
      expect(headers.get('location')).toBe(`/api/v1/sets/${first.body.setId}`);
    }
    await eventually(async () => (await setsNamed(world, 'once')).length > 0);
    expect(await setsNamed(world, 'once')).toEqual([first.body.setId]);
  });

  it('concurrent requests with one key make one set', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(submit, fileOf('racing'), 'key-racing')),
    );
    const done = answers.filter(({ status }) => status < 300);
    expect(done.length).toBeGreaterThan(0);
    for (const { status, body } of answers) {
      if (status >= 300) expect([status, body.code]).toEqual([409, 'request-under-way']);
    }
    expect(new Set(done.map(({ body }) => body.setId)).size).toBe(1);
    await eventually(async () => (await setsNamed(world, 'racing')).length > 0);
    expect(await setsNamed(world, 'racing')).toHaveLength(1);
  });

  it('a key is refused for another file, and released if its file was refused', async () => {
    expect((await post(submit, 'set: 7\n', 'key-mended')).status).toBe(422);
    expect((await post(submit, fileOf('mended'), 'key-mended')).status).toBeLessThan(300);
    const { status, body } = await post(submit, fileOf('another'), 'key-mended');
    expect([status, body.code]).toEqual([422, 'idempotency-key-reused']);
    expect((await post(submit, fileOf('another'), 'two words')).body.code).toBe('invalid-idempotency-key');
  });

  it('after a console died in between, a retry once the lease expired makes the same set', async () => {
    const text = fileOf('orphan');
    const sha256 = (said: string) => hash('sha256', said);
    const fingerprint = sha256(`POST /api/v1/sets?fileName=a.yml\n${sha256(text)}`);
    const key = requestKey(sha256('console@localhost\nkey-orphan'));
    const left = { fingerprint, at: Date.UTC(2026, 0, 2), until: world.log.clock.now() + 60_000 };
    const revision = (await world.log.requests.replace(key, left, 0)) ?? 0;
    expect((await post(submit, text, 'key-orphan')).body.code).toBe('request-under-way');
    await world.log.requests.replace(key, { ...left, until: world.log.clock.now() - 1 }, revision);
    const { body } = await post(submit, text, 'key-orphan');
    expect(body.setId).toMatch(/^orphan-20260102t000000-/);
  });

  it('commands with a key take effect once too', async () => {
    const set = await new SetOf(world, 'steered').accept();
    await seen<{ state?: string }>(`${world.url}/api/v1/sets/${set.id}`, ({ state }) => state === 'running');
    const command = async (verb: string, body = '{}') => {
      const response = await fetch(`${world.url}/api/v1/sets/${set.id}/${verb}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `key-${verb}` },
        body,
      });
      return JSON.parse(await response.text());
    };
    const paused = await command('pause');
    expect(paused).toMatchObject({ ok: true, did: 'SetPaused', already: false });
    await command('resume');
    expect(await command('pause')).toEqual(paused);
    expect((await command('pause', '{"why":"too loud"}')).code).toBe('idempotency-key-reused');
  });
});

describe('into a watched bucket', () => {
  let s3: S3Server;

  beforeAll(async () => {
    s3 = await startS3();
    for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
    await s3.createBucket('drops');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await s3?.[Symbol.asyncDispose]();
  });

  /** A world whose ingest watches this folder of the bucket; the console reaches S3 at `endpoint`. */
  async function worldOf(inbox: string, endpoint = s3.endpoint): Promise<World> {
    const reached = { S3_REGION: s3.region, S3_FORCE_PATH_STYLE: 'true', ...s3.env };
    const world = await startWorld({ INBOX: inbox, S3_ENDPOINT: endpoint, ...reached });
    await world.startIngest(inbox, { S3_ENDPOINT: s3.endpoint, ...reached });
    return world;
  }

  it('a file becomes the set that the answer names, once per key', async () => {
    await using world = await worldOf('s3://drops/in');
    const submit = `${world.url}/api/v1/sets?fileName=a.yml`;
    const { body } = await post(submit, fileOf('bucketed'), 'key-1');
    expect((await post(submit, fileOf('bucketed'), 'key-1')).body).toEqual(body);
    await eventually(async () => (await setsNamed(world, 'bucketed')).length > 0);
    expect(await setsNamed(world, 'bucketed')).toEqual([body.setId]);
    expect((await post(`${submit}&fresh=true`, fileOf('optioned'))).body.code).toBe('options-need-folder');
  });

  it('a file that was put, but whose put was answered with a fault, is the same set when it is sent again with its key', async () => {
    await using front = await faultyPuts(s3.endpoint);
    await using world = await worldOf('s3://drops/faulty', front.endpoint);
    const submit = `${world.url}/api/v1/sets?fileName=a.yml`;
    const send = () => post(submit, fileOf('lost'), 'key-lost');
    expect((await send()).status).toBeGreaterThanOrEqual(500);
    front.mend();
    const putMs = Date.now();
    // Put in another second, it would be another version.
    await eventually(() => Date.now() > putMs + 1_000);
    const { status, body } = await send();
    expect(status).toBeLessThan(300);
    expect(await onceStill(async () => (await setsNamed(world, 'lost')).length)).toBe(1);
    expect(await setsNamed(world, 'lost')).toEqual([body.setId]);
  });
});

/** A way to S3 that answers 500 to every put, although S3 has taken it, until mended. */
async function faultyPuts(s3: string) {
  let isFaulty = true;
  const server = createServer((asked, reply) => {
    const { method = 'GET', headers, url = '' } = asked;
    const onward = request(new URL(url, s3), { method, headers }, (answer) => {
      const isLost = isFaulty && method === 'PUT';
      reply.writeHead(isLost ? 500 : (answer.statusCode ?? 502), isLost ? {} : answer.headers);
      if (isLost) answer.resume().once('end', () => reply.end());
      else answer.pipe(reply);
    });
    asked.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mend: () => {
      isFaulty = false;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

it('without an inbox, nothing is submitted, and the answer says what to do', async () => {
  await using world = await startWorld();
  const { status, body } = await post(`${world.url}/api/v1/sets?fileName=a.yml`, fileOf('nowhere'));
  expect([status, body.code]).toEqual([503, 'no-inbox']);
});
