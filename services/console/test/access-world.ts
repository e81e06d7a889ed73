/** A console that accepts tokens from the test's own issuer, two sets, and audio of one of them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { eventually } from '@setlist/testkit';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { SetOf, startWorld, type World } from './world.ts';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'setlist';
export const LINK_SECRET = 'known to this console and its tests';

interface Issuer extends AsyncDisposable {
  readonly jwksUrl: string;
  sign(
    claims: JWTPayload,
    options?: { expires?: string | number; key?: 'own' | 'foreign'; issuer?: string },
  ): Promise<string>;
}

interface Asked {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly body?: string;
}

export type Access = Awaited<ReturnType<typeof startAccess>>;

export async function startAccess() {
  await using starting = new AsyncDisposableStack();
  const issuer = starting.use(await startIssuer());
  const world = starting.use(
    await startWorld({
      AUTH_JWKS_URL: issuer.jwksUrl,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_CLOCK_SKEW: '2s',
      AUDIO_LINK_SECRET: LINK_SECRET,
      AUDIO_NETWORKS: '127.0.0.1/32,198.51.100.0/24',
      TRUSTED_PROXIES: '127.0.0.1/32',
    }),
  );
  const ask = (path: string, asked?: Asked) => askOf(world, path, asked);
  const airport = await new SetOf(world, 'airport-gates').accept();
  const games = await new SetOf(world, 'games-voices').accept();
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
  const stack = starting.move();
  return { issuer, world, airport, games, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function startIssuer(): Promise<Issuer> {
  const [own, foreign] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  const server = createServer((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    sign: (claims, { expires = '5m', key = 'own', issuer: iss = ISSUER } = {}) =>
      new SignJWT({ sub: 'jane', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
        .setIssuer(iss)
        .setAudience(String(claims.aud ?? AUDIENCE))
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key === 'own' ? own.privateKey : foreign.privateKey),
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

/** Requests an API path, or a whole path of the console. */
async function askOf({ url }: World, path: string, { token, headers, method = 'GET', body }: Asked = {}) {
  const response = await fetch(path.startsWith('/api') ? `${url}${path}` : `${url}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, body: isJson ? JSON.parse(bytes.toString()) : bytes };
}

export const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
