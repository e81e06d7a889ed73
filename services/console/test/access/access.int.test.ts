/** Authentication with tokens of the test's own issuer, forged in every known way. */
import { eventually, temporaryFolder } from '@setlist/testkit';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Access, AUDIENCE, encoded, ISSUER, startAccess } from '../access-world.ts';
import { startWorld, type World } from '../world.ts';

let access: Access;
beforeAll(async () => {
  access = await startAccess();
});
afterAll(() => access?.[Symbol.asyncDispose]());

describe('tokens', () => {
  it('open the console if the issuer signed them for it', async () => {
    expect((await access.ask('/sets', { token: await access.issuer.sign({ scope: 'read' }) })).status).toBe(
      200,
    );
  });

  it.each([
    ['there is none', async () => undefined],
    ['it is no token', async () => 'nonsense'],
    ['another key signed it', () => access.issuer.sign({ scope: 'read' }, { key: 'foreign' })],
    [
      'another issuer signed it',
      () => access.issuer.sign({ scope: 'read' }, { issuer: 'https://other.example' }),
    ],
    ['it is for somebody else', () => access.issuer.sign({ scope: 'read', aud: 'another-service' })],
    [
      'it expired longer ago than the clock skew',
      () => access.issuer.sign({ scope: 'read' }, { expires: Date.now() / 1_000 - 5 }),
    ],
    ['its subject is empty', () => access.issuer.sign({ scope: 'read', sub: ' ' })],
    ['its subject is no text', () => access.issuer.sign({ scope: 'read', sub: 7 as never })],
    [
      'its subject is too long for the log',
      () => access.issuer.sign({ scope: 'read', sub: 'j'.repeat(201) }),
    ],
    ['its payload was changed', async () => tampered(await access.issuer.sign({ scope: 'read' }))],
    ['it says that it needs no signature', async () => unsigned()],
    ['it is signed with the public key as a secret', async () => confused()],
  ])('are refused if %s', async (_, token) => {
    const given = await token();
    const { status, body } = await access.ask('/sets', given === undefined ? {} : { token: given });
    expect([status, body.code]).toEqual([401, 'unauthorized']);
    if (given) expect(JSON.stringify(body)).not.toContain(given);
  });

  it('are accepted within the clock skew', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const token = await access.issuer.sign({ scope: 'read' }, { expires: Math.floor(Date.now() / 1_000) });
    expect((await access.ask('/sets', { token })).status).toBe(200);
  });

  it('allow no more than their scopes', async () => {
    const reader = await access.issuer.sign({ scope: 'read' });
    const listener = await access.issuer.sign({ scope: 'read listen' });
    const pause = `/sets/${access.airport.id}/pause`;
    const link = `/sets/${access.airport.id}/items/0/audio-link`;
    expect((await access.ask(pause, { token: reader, method: 'POST' })).body.code).toBe('scope-missing');
    expect((await access.ask(pause, { token: listener, method: 'POST' })).body.code).toBe('scope-missing');
    expect((await access.ask(link, { token: reader, method: 'POST' })).body.code).toBe('scope-missing');
    expect((await access.ask(link, { token: listener, method: 'POST' })).status).toBe(200);
    const operator = await access.issuer.sign({ scope: 'operate' });
    expect((await access.ask('/sets', { token: operator })).body.code).toBe('scope-missing');
  });

  it('limit a caller to sets by name: other sets do not exist for them', async () => {
    const token = await access.issuer.sign({ scope: 'read listen operate', setlist_sets: ['airport-*'] });
    const { body } = await access.ask('/sets', { token });
    expect(body.sets.map(({ setId }: { setId: string }) => setId)).toEqual([access.airport.id]);
    for (const path of ['', '/items', '/events', '/timeline', '/states']) {
      expect((await access.ask(`/sets/${access.games.id}${path}`, { token })).status).toBe(404);
    }
    expect(
      (
        await access.ask(`/sets/${access.games.id}/pause`, {
          token,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(404);
    expect((await access.ask(`/live?set=${access.games.id}`, { token })).status).toBe(404);
  });

  it('limit sums too: money and quota cover only the sets that a caller can see', async () => {
    await access.games.pay(1);
    const all = await access.issuer.sign({ scope: 'read' });
    const some = await access.issuer.sign({ scope: 'read', setlist_sets: 'airport-*' });
    const callsSeenBy = async (token: string): Promise<number> => {
      const { body } = await access.ask('/quota', { token });
      const engines = body.engines as { calls: number[] }[];
      return engines.flatMap(({ calls }) => calls).reduce((sum, each) => sum + each, 0);
    };
    await eventually(async () => (await callsSeenBy(all)) === 1);
    expect(await callsSeenBy(some)).toBe(0);
    const setsSeenBy = async (token: string): Promise<number> => {
      const days = (await access.ask('/money', { token })).body.days as { sets: number }[];
      return days.reduce((sum, { sets }) => sum + sets, 0);
    };
    expect([await setsSeenBy(some), await setsSeenBy(all)]).toEqual([1, 2]);
  });

  it('keep the cost of all sets out of plans and refusals too', async () => {
    await using inbox = await temporaryFolder();
    const money = { PROVIDER: 'polly', MONTHLY_USD: '0.00001' };
    const tokens = { AUTH_JWKS_URL: access.issuer.jwksUrl, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
    await using world = await startWorld({ ...tokens, ...money, INBOX: inbox.path });
    await world.startIngest(inbox.path, money);
    const toldTo = async (claims: object): Promise<string[]> => {
      const token = await access.issuer.sign({ scope: 'read operate', ...claims });
      const post = async (path: string): Promise<string> => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' };
        const body = 'set:\n  name: airport-new\nitems:\n  - text: Ready.\n';
        const answer = await fetch(`${world.url}/api/v1${path}?fileName=a.yml`, {
          method: 'POST',
          headers,
          body,
        });
        return answer.text();
      };
      const refusal = await eventually(async () => {
        const said = await post('/sets');
        return said.includes('monthly-cap') && said;
      });
      const plan = JSON.stringify(JSON.parse(await post('/plan')).problem);
      return [plan, refusal, ...(await toldOfRefused(world, token))];
    };
    const sums = /\d USD paid this month/;
    for (const said of await toldTo({})) expect(said).toMatch(sums);
    for (const said of await toldTo({ setlist_sets: ['airport-*'] })) {
      expect(said).toContain('monthly-cap');
      expect(said).not.toMatch(/\d USD/);
    }
  });

  it('allow no plans or submissions of sets with other names', async () => {
    const token = await access.issuer.sign({ scope: 'read operate', setlist_sets: ['airport-*'] });
    const body = 'set:\n  name: games-voices\nitems:\n  - text: Ready.\n';
    for (const path of ['/plan?fileName=a.yml', '/sets?fileName=a.yml']) {
      const answer = await access.ask(path, { token, method: 'POST', body });
      expect([answer.status, answer.body.code]).toEqual([403, 'name-not-allowed']);
    }
    const reader = await access.issuer.sign({ scope: 'read' });
    const refused = await access.ask('/sets?fileName=a.yml', { token: reader, method: 'POST', body });
    expect(refused.body.code).toBe('scope-missing');
    const heard = await access.ask('/preview?fileName=a.yml&line=4', { token: reader, method: 'POST', body });
    expect(heard.body.code).toBe('scope-missing');
  });

  it('keep a set with an allowed name out of the folders of other names', async () => {
    const token = await access.issuer.sign({ scope: 'read operate', setlist_sets: ['airport-*'] });
    const planOf = (prefix: string) =>
      access.ask('/plan?fileName=a.yml', {
        token,
        method: 'POST',
        headers: { 'content-type': 'application/yaml' },
        body: `set:\n  name: airport-gates\n  output-prefix: ${prefix}\nitems:\n  - text: Ready.\n`,
      });
    for (const prefix of ['games-voices', 'games-voices/airport-gates', 'games/voices']) {
      const { status, body } = await planOf(prefix);
      expect([prefix, status, body.code]).toEqual([prefix, 403, 'prefix-not-allowed']);
    }
    for (const prefix of ['airport-gates', 'airport-lounges', 'airport-gates/new'])
      expect([prefix, (await planOf(prefix)).status]).toEqual([prefix, 200]);
  });

  it('end the live stream when they expire, and show no set with another name in it', async () => {
    const token = await access.issuer.sign(
      { scope: 'read', setlist_sets: ['airport-*'] },
      { expires: Math.floor(Date.now() / 1_000) + 5 },
    );
    const response = await fetch(`${access.world.url}/api/v1/live?since=0`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const frames = await response.text();
    expect(frames).toContain(access.airport.id);
    expect(frames).not.toContain(access.games.id);
    expect((await access.ask('/live', { token })).status).toBe(401);
  });

  it('open nothing while the issuer’s keys can’t be fetched; the answer says so, and the log why, once', async () => {
    await using closed = await startWorld({
      AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks.json',
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
    });
    for (const path of ['sets', 'quota']) {
      const response = await fetch(`${closed.url}/api/v1/${path}`, {
        headers: { authorization: `Bearer ${await access.issuer.sign({ scope: 'read operate' })}` },
      });
      expect([response.status, JSON.parse(await response.text()).code]).toEqual([503, 'keys-unavailable']);
    }
    expect(closed.logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'warn',
        code: 'keys-unavailable',
        remedy: expect.stringContaining('AUTH_JWKS_URL'),
        err: { cause: { name: 'KeysUnavailable', cause: { message: 'fetch failed' } } },
      },
    ]);
  });
});

/** Everything the API says about a refused set. */
async function toldOfRefused({ url }: World, token: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${token}` };
  const ask = async (path: string) => (await fetch(`${url}/api/v1${path}`, { headers })).text();
  const list = await eventually(async () => {
    const said = await ask('/sets?state=rejected');
    return said.includes('monthly-cap') && said;
  });
  const [{ setId, lastSeq }] = JSON.parse(list).sets;
  const paths = ['', '/events', `/as-of/${lastSeq}`].map((path) => `/sets/${setId}${path}`);
  const ending = new AbortController();
  const live = await fetch(`${url}/api/v1/live?since=0`, { headers, signal: ending.signal });
  let frames = '';
  for await (const piece of live.body as AsyncIterable<Uint8Array>) {
    frames += Buffer.from(piece).toString();
    if (frames.includes('monthly-cap')) break;
  }
  ending.abort();
  return [list, frames, ...(await Promise.all(paths.map(ask)))];
}

function tampered(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return [header, encoded({ ...claims, scope: 'read operate' }), signature].join('.');
}

const claims = () => ({
  sub: 'eve',
  iss: ISSUER,
  aud: AUDIENCE,
  exp: Math.floor(Date.now() / 1_000) + 300,
  scope: 'read',
});
const unsigned = (): string => `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims())}.`;

async function confused(): Promise<string> {
  const published = await (await fetch(access.issuer.jwksUrl)).text();
  return new SignJWT(claims())
    .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
    .sign(new TextEncoder().encode(published));
}
