/**
 * Keeps other sites' pages out. Tokens travel in a header that other sites can't set, so these checks protect a console
 * without tokens: foreign host names that resolve to us (DNS rebinding) are refused, and a request must come from our
 * own page or from no page at all. Other sites can only link to us.
 */
import { isLoopback } from '@setlist/runtime';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Throws an {@link HttpProblem} for a request to a foreign host name, or from another site's page. */
export function sameSite(hosts: readonly string[]): (request: FastifyRequest) => void {
  const ours = new Set(hosts.map((host) => host.toLowerCase()));
  return (request) => {
    const host = hostName(request.host);
    if (!isLoopback(host) && !ours.has(host)) throw unknownHost(host);
    const { origin, 'sec-fetch-site': site = 'none' } = request.headers;
    const foreign = site !== 'same-origin' && site !== 'none';
    if (SAFE_METHODS.has(request.method)) {
      // Otherwise another site's page could use up the rate limit of the browser's user.
      if (foreign && !isFollowed(request)) throw foreignOrigin();
    } else if (origin === undefined ? foreign : !isOwn(origin, request)) throw foreignOrigin();
  };
}

/** Whether this is a navigation to our page, which replaces the page that linked to it. */
const isFollowed = ({ headers }: FastifyRequest): boolean =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

/** Strips the port, and the brackets of an IPv6 address. */
const hostName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');

const isOwn = (origin: string, request: FastifyRequest): boolean =>
  URL.canParse(origin) && new URL(origin).host === request.host.toLowerCase();

const unknownHost = (host: string): HttpProblem =>
  new HttpProblem(421, {
    code: 'unknown-host',
    detail: `${JSON.stringify(host)} is not a name of this console`,
    remedy: 'Use localhost, or add the name to CONSOLE_HOSTS.',
  });

const foreignOrigin = (): HttpProblem =>
  new HttpProblem(403, {
    code: 'foreign-origin',
    detail: 'pages of other sites can’t read or change anything here',
    remedy: 'Use the console’s own page, or a client that sends no Origin.',
  });
