/**
 * Keeps other sites' pages out. Tokens travel in a header that no other site can set, so these checks are what protects
 * a console without tokens: a name that points here (DNS rebinding) is no name of ours, and a request must come from
 * our own page or from no page at all. Only a link to us may stand anywhere.
 */
import { isLoopback } from '@setlist/runtime';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Throws an {@link HttpProblem} for a request under a name that is not ours, or one by another site's page. */
export function sameSite(hosts: readonly string[]): (request: FastifyRequest) => void {
  const ours = new Set(hosts.map((host) => host.toLowerCase()));
  return (request) => {
    const host = hostName(request.host);
    if (!isLoopback(host) && !ours.has(host)) throw unknownHost(host);
    const { origin, 'sec-fetch-site': site = 'none' } = request.headers;
    const foreign = site !== 'same-origin' && site !== 'none';
    if (SAFE_METHODS.has(request.method)) {
      // A page could have a browser ask so often that whoever uses it is kept out for too many requests.
      if (foreign && !isFollowed(request)) throw foreignOrigin();
    } else if (origin === undefined ? foreign : !isOwn(origin, request)) throw foreignOrigin();
  };
}

/** Whether somebody goes to a page of ours: it replaces the one that led here, which asks for nothing more. */
const isFollowed = ({ headers }: FastifyRequest): boolean =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

/** Without the port; an IPv6 address without its brackets. */
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
    detail: 'another site’s page may not ask for or change anything here',
    remedy: 'Use the console’s own page, or a client that sends no Origin.',
  });
