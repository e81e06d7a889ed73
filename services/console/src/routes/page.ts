/** Serves the built page: its files as they are, and its one document at every address of the page. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { openToAll } from '../http/guard.ts';

const BUILT = fileURLToPath(new URL('../../dist/', import.meta.url));
/** Files whose names contain a hash of their content. */
const NAMED_BY_CONTENT = `${BUILT}assets/`;
const DOCUMENT = `${BUILT}index.html`;
const KEPT_FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the page if it has been built; the API works without it. */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  if (!existsSync(BUILT)) {
    app.get('/', { config: { scope: 'public' }, schema: { hide: true } }, (_, reply) =>
      reply
        .type('text/plain')
        .send('The page has not been built: run `npm run build:page`. The API is described at /reference.\n'),
    );
    return;
  }
  await app.register(async (page) => {
    openToAll(page);
    await page.register(fastifyStatic, {
      root: BUILT,
      cacheControl: false,
      index: false,
      preCompressed: true,
      setHeaders: (reply, path) =>
        reply.header('cache-control', path.startsWith(NAMED_BY_CONTENT) ? KEPT_FOR_EVER : 'no-cache'),
    });
    for (const address of ['/', '/new', '/sets/:setId', '/quota', '/money']) {
      page.get(address, { schema: { hide: true } }, (_, reply) => reply.sendFile('index.html'));
    }
    page.get('/sets', { schema: { hide: true } }, (_, reply) => reply.redirect('/'));
  });
}

/**
 * The page for a browser at an unknown address: the page itself says that there is nothing. `undefined` for other
 * clients, and if the page has not been built.
 */
export function pageForLost(): (request: FastifyRequest) => string | undefined {
  if (!existsSync(DOCUMENT)) return () => undefined;
  const document = readFileSync(DOCUMENT, 'utf8');
  return ({ method, url, headers }) => {
    const wantsPage = method === 'GET' && (headers.accept ?? '').includes('text/html');
    return wantsPage && !url.startsWith('/api/') ? document : undefined;
  };
}
