/** Who is let in: tokens of an issuer of the test's own, forged in every way that is known, and links to audio. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SetOf, startWorld, type World } from './world.ts';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'setlist';

interface Issuer {
  readonly jwksUrl: string;
  readonly server: Server;
  sign(
    claims: JWTPayload,
    options?: { expires?: string | number; key?: 'own' | 'foreign'; issuer?: string },
  ): Promise<string>;
}

let issuer: Issuer;
let world: World;
let airport: SetOf;
let games: SetOf;

beforeAll(async () => {
  issuer = await startIssuer();
  world = await startWorld({
    AUTH_JWKS_URL: issuer.jwksUrl,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_CLOCK_SKEW: '2s',
    AUDIO_LINK_TTL: '1s',
    AUDIO_NETWORKS: '127.0.0.1/32',
    TRUSTED_PROXIES: '127.0.0.1/32',
  });
  airport = await new SetOf(world, 'airport-gates').accept();
  games = await new SetOf(world, 'games-voices').accept();
  await airport.complete(0);
  for (const index of [0, 1]) {
    const file = join(world.folder, `airport-gates/item-${index}.mp3`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'ID3!');
  }
  const token = await issuer.sign({ scope: 'read' });
  await eventually(async () => {
    const { body } = await ask(`/sets/${airport.id}`, { token });
    return (body as { counts?: { completed: number } }).counts?.completed === 1;
  });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  issuer?.server.close();
});

async function startIssuer(): Promise<Issuer> {
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    server,
    sign: (claims, { expires = '5m', key = 'own', issuer: iss = ISSUER } = {}) =>
      new SignJWT({ sub: 'jane', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
        .setIssuer(iss)
        .setAudience(String(claims.aud ?? AUDIENCE))
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key === 'own' ? own.privateKey : foreign.privateKey),
  };
}

async function ask(
  path: string,
  {
    token,
    headers,
    method = 'GET',
    body,
  }: { token?: string; headers?: Record<string, string>; method?: string; body?: string } = {},
) {
  const response = await fetch(
    path.startsWith('/api') ? `${world.url}${path}` : `${world.url}/api/v1${path}`,
    {
      method,
      ...(body === undefined ? {} : { body }),
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    },
  );
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJson ? JSON.parse(bytes.toString()) : bytes };
}

describe('tokens', () => {
  it('open the console when the issuer signed them for it', async () => {
    expect((await ask('/sets', { token: await issuer.sign({ scope: 'read' }) })).status).toBe(200);
  });

  it.each([
    ['there is none', async () => undefined],
    ['it is no token', async () => 'nonsense'],
    ['another key signed it', () => issuer.sign({ scope: 'read' }, { key: 'foreign' })],
    ['another issuer gave it', () => issuer.sign({ scope: 'read' }, { issuer: 'https://other.example' })],
    ['it is for somebody else', () => issuer.sign({ scope: 'read', aud: 'another-service' })],
    [
      'it expired before the clock’s tolerance',
      () => issuer.sign({ scope: 'read' }, { expires: Date.now() / 1_000 - 5 }),
    ],
    ['its payload was changed', async () => tampered(await issuer.sign({ scope: 'read' }))],
    ['it says that it needs no signature', async () => unsigned()],
    ['it is signed with the public key as a secret', async () => confused()],
  ])('are refused where %s', async (_, token) => {
    const given = await token();
    const { status, body } = await ask('/sets', given === undefined ? {} : { token: given });
    expect([status, body.code]).toEqual([401, 'unauthorized']);
    if (given) expect(JSON.stringify(body)).not.toContain(given);
  });

  it('let within the clock’s tolerance', async () => {
    const token = await issuer.sign({ scope: 'read' }, { expires: Math.floor(Date.now() / 1_000) });
    expect((await ask('/sets', { token })).status).toBe(200);
  });

  it('open no more than their scopes say', async () => {
    const reader = await issuer.sign({ scope: 'read' });
    const listener = await issuer.sign({ scope: 'read listen' });
    const pause = `/sets/${airport.id}/pause`;
    const link = `/sets/${airport.id}/items/0/audio-link`;
    expect((await ask(pause, { token: reader, method: 'POST' })).body.code).toBe('scope-missing');
    expect((await ask(pause, { token: listener, method: 'POST' })).body.code).toBe('scope-missing');
    expect((await ask(link, { token: reader, method: 'POST' })).body.code).toBe('scope-missing');
    expect((await ask(link, { token: listener, method: 'POST' })).status).toBe(200);
    const operator = await issuer.sign({ scope: 'operate' });
    expect((await ask('/sets', { token: operator })).body.code).toBe('scope-missing');
  });

  it('limit a caller to sets by name: others do not exist', async () => {
    const token = await issuer.sign({ scope: 'read listen operate', setlist_sets: ['airport-*'] });
    const { body } = await ask('/sets', { token });
    expect(body.sets.map(({ setId }: { setId: string }) => setId)).toEqual([airport.id]);
    for (const path of ['', '/items', '/events', '/timeline', '/states']) {
      expect((await ask(`/sets/${games.id}${path}`, { token })).status).toBe(404);
    }
    expect(
      (
        await ask(`/sets/${games.id}/pause`, {
          token,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(404);
    expect((await ask(`/live?set=${games.id}`, { token })).status).toBe(404);
  });

  it('limit what is summed too: money and quota are those of the sets that a caller may see', async () => {
    await games.pay(1);
    const all = await issuer.sign({ scope: 'read' });
    const some = await issuer.sign({ scope: 'read', setlist_sets: 'airport-*' });
    const callsSeenBy = async (token: string): Promise<number> => {
      const { body } = await ask('/quota', { token });
      const engines = body.engines as { calls: number[] }[];
      return engines.flatMap(({ calls }) => calls).reduce((sum, each) => sum + each, 0);
    };
    await eventually(async () => (await callsSeenBy(all)) === 1);
    expect(await callsSeenBy(some)).toBe(0);
    const setsSeenBy = async (token: string): Promise<number> => {
      const days = (await ask('/money', { token })).body.days as { sets: number }[];
      return days.reduce((sum, { sets }) => sum + sets, 0);
    };
    expect([await setsSeenBy(some), await setsSeenBy(all)]).toEqual([1, 2]);
  });

  it('keep other names’ sets out of plans and submissions', async () => {
    const token = await issuer.sign({ scope: 'read operate', setlist_sets: ['airport-*'] });
    const body = 'set:\n  name: games-voices\nitems:\n  - text: Ready.\n';
    for (const path of ['/plan?fileName=a.yml', '/sets?fileName=a.yml']) {
      const answer = await ask(path, { token, method: 'POST', body });
      expect([answer.status, answer.body.code]).toEqual([403, 'name-not-allowed']);
    }
    const reader = await issuer.sign({ scope: 'read' });
    const refused = await ask('/sets?fileName=a.yml', { token: reader, method: 'POST', body });
    expect(refused.body.code).toBe('scope-missing');
    const heard = await ask('/preview?fileName=a.yml&line=4', { token: reader, method: 'POST', body });
    expect(heard.body.code).toBe('scope-missing');
  });

  it('keep a set of an allowed name out of other names’ folders', async () => {
    const token = await issuer.sign({ scope: 'read operate', setlist_sets: ['airport-*'] });
    const planOf = (prefix: string) =>
      ask('/plan?fileName=a.yml', {
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

  it('end the live stream when they expire, and show it no set of another name', async () => {
    const token = await issuer.sign(
      { scope: 'read', setlist_sets: ['airport-*'] },
      { expires: Math.floor(Date.now() / 1_000) + 5 },
    );
    const response = await fetch(`${world.url}/api/v1/live?since=0`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const frames = await response.text();
    expect(frames).toContain(airport.id);
    expect(frames).not.toContain(games.id);
    expect((await ask('/live', { token })).status).toBe(401);
  });

  it('open nothing while the issuer’s keys can’t be had, and that is said', async () => {
    await using closed = await startWorld({
      AUTH_JWKS_URL: 'http://127.0.0.1:9/jwks.json',
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
    });
    const response = await fetch(`${closed.url}/api/v1/sets`, {
      headers: { authorization: `Bearer ${await issuer.sign({ scope: 'read operate' })}` },
    });
    expect([response.status, JSON.parse(await response.text()).code]).toEqual([503, 'keys-unavailable']);
  });
});

function tampered(token: string): string {
  const [header, payload = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return [header, encoded({ ...claims, scope: 'read operate' }), signature].join('.');
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({
  sub: 'eve',
  iss: ISSUER,
  aud: AUDIENCE,
  exp: Math.floor(Date.now() / 1_000) + 300,
  scope: 'read',
});
const unsigned = (): string => `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims())}.`;

async function confused(): Promise<string> {
  const published = await (await fetch(issuer.jwksUrl)).text();
  return new SignJWT(claims())
    .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
    .sign(new TextEncoder().encode(published));
}

describe('links to audio', () => {
  const linkOf = async () => {
    const token = await issuer.sign({ scope: 'read listen' });
    const { body } = await ask(`/sets/${airport.id}/items/0/audio-link`, { token, method: 'POST' });
    return body as { url: string; expiresAt: string };
  };

  it('hand out the audio without a token, whole or in part', async () => {
    const { url } = await linkOf();
    expect((await ask(url)).body.toString()).toBe('ID3!');
    const part = await ask(url, { headers: { range: 'bytes=1-2' } });
    expect([part.status, part.body.toString()]).toEqual([206, 'D3']);
  });

  it('open no audio that another run has written since', async () => {
    const file = join(world.folder, 'airport-gates/item-0.mp3');
    const audio = await readFile(file);
    await writeFile(file, 'ID3?');
    // A link may run out on its way here.
    const asked = async () => ask((await linkOf()).url);
    await eventually(async () => expect((await asked()).body.code).toBe('file-replaced'));
    await writeFile(file, audio);
    await eventually(async () => expect((await asked()).status).toBe(200));
  });

  it('are refused when late', async () => {
    const { url, expiresAt } = await linkOf();
    const late = await eventually(async () => {
      const answer = await ask(url);
      return answer.status !== 200 && answer;
    });
    expect([late.status, late.body.code]).toEqual([410, 'link-expired']);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  it('are refused from another address than the one they were given to', async () => {
    const { url } = await linkOf();
    const outside = await ask(url, { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([outside.status, outside.body.code]).toEqual([403, 'link-elsewhere']);
    const token = await issuer.sign({ scope: 'read listen' });
    const asked = await ask(`/sets/${airport.id}/items/0/audio-link`, {
      token,
      method: 'POST',
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
    expect(asked.body.code).toBe('link-elsewhere');
  });

  it('are not needed for a whole set’s audio, which goes to the same addresses only', async () => {
    const token = await issuer.sign({ scope: 'read listen' });
    const zip = `/sets/${airport.id}/audio.zip`;
    expect((await ask(zip, { token })).status).toBe(200);
    const outside = await ask(zip, { token, headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([outside.status, outside.body.code]).toEqual([403, 'link-elsewhere']);
  });

  it('are refused for another object, another time, or with another signature', async () => {
    const { url } = await linkOf();
    const [body = '', signature = ''] = url.replace('/api/v1/audio/', '').split('.');
    const grant = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forgeries = [
      [{ ...grant, index: 1 }, signature],
      [{ ...grant, expiresAt: grant.expiresAt + 60_000 }, signature],
      [{ ...grant, address: '203.0.113.9' }, signature],
      [grant, signature.slice(0, -2)],
      [grant, ''],
    ];
    for (const [said, sealed] of forgeries) {
      const { status, body: answer } = await ask(`/api/v1/audio/${encoded(said)}.${sealed}`);
      expect([status, answer.code]).toEqual([403, 'link-forged']);
    }
    expect((await ask('/api/v1/audio/nonsense')).body.code).toBe('link-forged');
  });

  it('are not given for what has no audio', async () => {
    const token = await issuer.sign({ scope: 'read listen' });
    const { status } = await ask(`/sets/${airport.id}/items/2/audio-link`, { token, method: 'POST' });
    expect(status).toBe(404);
  });
});
