/** The page: built files, served as they are; every address of the page's own is answered with its one document. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { openToAll } from '../http/guard.ts';

const BUILT = fileURLToPath(new URL('../../dist/', import.meta.url));
/** Files whose names hold a hash of what is in them. */
const NAMED_BY_CONTENT = `${BUILT}assets/`;
const DOCUMENT = `${BUILT}index.html`;
const KEPT_FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the page where it has been built; without it there is the API all the same. */
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
 * The page for whoever has typed an address at which there is nothing: it says so itself. Nothing for programs, and
 * where the page has not been built.
 */
export function pageForLost(): (request: FastifyRequest) => string | undefined {
  if (!existsSync(DOCUMENT)) return () => undefined;
  const document = readFileSync(DOCUMENT, 'utf8');
  return ({ method, url, headers }) => {
    const wantsPage = method === 'GET' && (headers.accept ?? '').includes('text/html');
    return wantsPage && !url.startsWith('/api/') ? document : undefined;
  };
}
