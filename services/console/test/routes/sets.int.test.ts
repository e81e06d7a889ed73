/** What the API says about sets and items, compared with the events in a real log. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { POSITION_KEY, subjects } from '@setlist/contracts';
import { eventually, publishRaw } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SetOf, seen, startWorld, type World } from '../world.ts';

let world: World;
let api: string;

beforeAll(async () => {
  world = await startWorld();
  api = `${world.url}/api/v1`;
});
afterAll(async () => world?.[Symbol.asyncDispose]());

interface Sets {
  sets: { setId: string; lastSeq: number; counts: Record<string, number> }[];
  total: number;
  next?: string;
}

const ask = async (path: string, init?: RequestInit) => {
  const response = await fetch(`${api}${path}`, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
};

describe('sets', () => {
  it('lists sets newest first, in pages that neither repeat nor skip one', async () => {
    const made: string[] = [];
    for (let at = 0; at < 5; at++) made.push((await new SetOf(world, `paged-${at}`).accept()).id);
    await seen<Sets>(`${api}/sets?text=paged`, ({ total }) => total === 5);
    const listed: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await ask(`/sets?text=paged&limit=2${cursor}`);
      listed.push(...(body as Sets).sets.map(({ setId }) => setId));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(listed.sort()).toEqual(made.sort());
  });

  it('answers 304 to a client that has the current version, and 200 once the set has changed', async () => {
    const set = await new SetOf(world, 'tagged').accept();
    await seen<{ counts?: { requested: number } }>(
      `${api}/sets/${set.id}`,
      ({ counts }) => counts?.requested === 3,
    );
    const first = await ask(`/sets/${set.id}`);
    const etag = first.headers.get('etag') ?? '';
    expect((await ask(`/sets/${set.id}`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    await set.complete(0);
    await seen<{ counts: { completed: number } }>(
      `${api}/sets/${set.id}`,
      ({ counts }) => counts.completed === 1,
    );
    expect((await ask(`/sets/${set.id}`, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('shows a set as it was at any place in the log', async () => {
    const set = await new SetOf(world, 'past').accept();
    await set.complete(0);
    await set.complete(1);
    await seen<{ counts?: { completed: number } }>(
      `${api}/sets/${set.id}`,
      ({ counts }) => counts?.completed === 2,
    );
    const { body: timeline } = await ask(`/sets/${set.id}/timeline`);
    const marks = timeline.items as [number, number, string, number][];
    const [afterFirst] = marks.find(([, , mark]) => mark === 'p') ?? [0];
    const { body, headers } = await ask(`/sets/${set.id}/as-of/${afterFirst}`);
    expect(headers.get('cache-control'), 'the place can be given out again').toBe('private, no-cache');
    expect(body.counts).toMatchObject({ requested: 3, completed: 1 });
    expect(marks.map(([, , mark, index]) => `${mark}${index}`)).toEqual(['r0', 'r1', 'r2', 'p0', 'p1']);
  });

  it('finds items by state and by a part of their text', async () => {
    const set = await new SetOf(world, 'searched', 12).accept();
    await set.fail(3);
    await set.complete(4);
    await seen<{ counts?: { failed: number; completed: number } }>(
      `${api}/sets/${set.id}`,
      ({ counts }) => counts?.failed === 1 && counts.completed === 1,
    );
    expect((await ask(`/sets/${set.id}/matches?state=failed`)).body).toEqual({ indexes: [3] });
    expect((await ask(`/sets/${set.id}/matches?text=GATE%2011`)).body).toEqual({ indexes: [11] });
    const { body } = await ask(`/sets/${set.id}/items?index=3`);
    expect(body.items).toMatchObject([
      { index: 3, state: 'failed', text: 'Gate 3, please.', remedy: 'Correct it.', voice: 'Matthew' },
    ]);
    expect((await ask(`/sets/${set.id}/states`)).body.states).toBe('rrrfprrrrrrr');
  });

  it('versions items by their rows, which are written after the summary', async () => {
    const set = await new SetOf(world, 'vouched').accept();
    await set.complete(0);
    await seen<{ counts?: { completed: number } }>(
      `${api}/sets/${set.id}`,
      ({ counts }) => counts?.completed === 1,
    );
    const standing = await world.log.sets.get<{ lastSeq: number }>(POSITION_KEY);
    const now = await ask(`/sets/${set.id}/states`);
    try {
      await world.log.sets.put(POSITION_KEY, { lastSeq: 1 });
      const meanwhile = await ask(`/sets/${set.id}/states`);
      expect(meanwhile.body.position).toBe(1);
      expect(meanwhile.headers.get('etag')).not.toBe(now.headers.get('etag'));
    } finally {
      await world.log.sets.put(POSITION_KEY, standing?.value);
    }
  });

  it('refuses invalid requests with a problem document that says what to do', async () => {
    const { status, headers, body } = await ask('/sets?limit=0');
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'about:blank', status: 400, code: 'invalid-request' });
    expect(body.remedy).not.toBe('');
    expect((await ask('/sets/no-such-set')).body).toMatchObject({ status: 404, code: 'not-found' });
    expect((await ask('/nothing')).body).toMatchObject({ status: 404 });
    expect((await ask('/sets/%ff')).body).toMatchObject({ status: 400, code: 'bad-url' });
  });

  it('lists events from the start if the cursor is before it', async () => {
    const set = await new SetOf(world, 'from-zero').accept();
    const events = `/sets/${set.id}/events`;
    await seen<{ setId?: string }>(`${api}/sets/${set.id}`, ({ setId }) => setId === set.id);
    const zero = Buffer.from('0').toString('base64url');
    expect(await ask(`${events}?cursor=${zero}`)).toMatchObject({
      status: 200,
      body: (await ask(events)).body,
    });
  });
});

describe('an event that is no CloudEvent', () => {
  it('is left out of its set’s events, and none of it is logged', async () => {
    const set = await new SetOf(world, 'damaged').accept();
    await seen<{ setId?: string }>(`${api}/sets/${set.id}`, ({ setId }) => setId === set.id);
    const { body: before } = await ask(`/sets/${set.id}/events`);
    const damaged = ['{"data":{"text":Mind the gap}}', 'null', '{"data":{"text":"Mind the gap"}}'];
    for (const raw of damaged) await publishRaw(world.nats.url, subjects.requested(set.id, 'standard'), raw);
    await eventually(async () => {
      const records = await Array.fromAsync(world.log.read({ subjects: [subjects.ofSet(set.id)] }));
      return records.filter(({ problem }) => problem).length === damaged.length;
    });
    expect(await ask(`/sets/${set.id}/events`)).toMatchObject({ status: 200, body: before });
    expect(world.logged.join()).not.toContain('Mind');
  });
});

describe('an event whose problems are no list', () => {
  it('is shown as stored', async () => {
    const set = await new SetOf(world, 'odd-problems').accept();
    await seen<{ setId?: string }>(`${api}/sets/${set.id}`, ({ setId }) => setId === set.id);
    const event = {
      ...{ specversion: '1.0', id: 'odd', source: 'ingest', type: 'odd.v1', subject: set.id },
      ...{ time: new Date().toISOString(), datacontenttype: 'application/json', dataschema: 'odd' },
      data: { problems: 7 },
    };
    await publishRaw(world.nats.url, subjects.requested(set.id, 'standard'), JSON.stringify(event));
    const { events } = await seen<{ events: { event: object }[] }>(
      `${api}/sets/${set.id}/events?type=odd.v1`,
      (page) => page.events?.length === 1,
    );
    expect(events[0]?.event).toMatchObject(event);
  });
});

describe('commands', () => {
  it('are decided by the tracker, and take effect in the log in the caller’s name', async () => {
    const set = await new SetOf(world, 'steered').accept();
    await seen<{ state?: string }>(`${api}/sets/${set.id}`, ({ state }) => state === 'running');
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"why":"too loud"}',
    };
    expect((await ask(`/sets/${set.id}/pause`, post)).body).toMatchObject({ ok: true, did: 'SetPaused' });
    expect((await ask(`/sets/${set.id}/pause`, post)).body).toMatchObject({ ok: true, already: true });
    await seen<{ state: string }>(`${api}/sets/${set.id}`, ({ state }) => state === 'paused');
    const { body } = await ask(`/sets/${set.id}/events?type=setlist.set.paused.v1`);
    expect(body.events).toHaveLength(1);
    expect(body.events[0].event.data).toMatchObject({ who: 'console@localhost', why: 'too loud' });
  });

  it('need no body', async () => {
    const set = await new SetOf(world, 'unsaid').accept();
    await seen<{ state?: string }>(`${api}/sets/${set.id}`, ({ state }) => state === 'running');
    const post = { method: 'POST' };
    expect((await ask(`/sets/${set.id}/pause`, post)).body).toMatchObject({ ok: true, did: 'SetPaused' });
    expect((await ask(`/sets/${set.id}/resume`, post)).body).toMatchObject({ ok: true, did: 'SetResumed' });
    expect((await ask(`/sets/${set.id}/retry`, post)).status).toBe(409);
    expect((await ask(`/sets/${set.id}/prioritize`, post)).body).toMatchObject({ code: 'invalid-request' });
    expect((await ask(`/sets/${set.id}/cancel`, post)).body).toMatchObject({ ok: true, did: 'SetCancelled' });
  });

  it('are refused if another site’s page sends them', async () => {
    const set = await new SetOf(world, 'forged').accept();
    for (const headers of [{ origin: 'https://elsewhere.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const { status, body } = await ask(`/sets/${set.id}/pause`, { method: 'POST', headers });
      expect([status, body.code]).toEqual([403, 'foreign-origin']);
    }
  });
});

describe('the description', () => {
  it('is OpenAPI 3.1 with every address, and its reference page loads no script from elsewhere', async () => {
    const openapi = (await (await fetch(`${world.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, { post?: { security: object } }>;
    };
    expect(openapi.openapi).toBe('3.1.0');
    const { valid, errors } = await new Validator().validate(structuredClone(openapi));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    const { post } = openapi.paths['/api/v1/sets/{setId}/pause'] ?? {};
    expect(post?.security).toEqual([{ bearer: ['operate'] }]);
    expect(Object.keys(openapi.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/sets',
        '/api/v1/sets/{setId}/pause',
        '/api/v1/live',
        '/api/v1/validate',
        '/api/v1/plan',
        '/api/v1/preview',
      ]),
    );
    const page = await (await fetch(`${world.url}/reference/`)).text();
    expect(page.match(/<script[^>]*src="(?!\.\/)[^"]*"/g)).toBeNull();
  });
});
