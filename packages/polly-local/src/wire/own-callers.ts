/** Keeps out web pages in browsers on this machine: the engine is free, but not for others to use. */
import { isLoopback } from '@setlist/runtime';
import type { Request } from './http1-and-2.ts';

/**
 * Why a request comes from a web page, if it does. Browsers identify pages by one of two headers that no SDK sends. A
 * page whose own name points here (DNS rebinding) is recognized by that name if the engine listens only on loopback.
 */
export function pageFault({ headers }: Pick<Request, 'headers'>, listensOn: string): string | undefined {
  const { origin, 'sec-fetch-site': site = 'none' } = headers;
  if (origin !== undefined || site !== 'none') return 'Web pages may not call this engine';
  const named = headers[':authority'] ?? headers.host;
  if (typeof named !== 'string' || !isLoopback(listensOn) || isLoopback(hostOf(named))) return undefined;
  return `This engine is reached as ${listensOn} or localhost only`;
}

const hostOf = (named: string): string =>
  URL.canParse(`http://${named}`) ? new URL(`http://${named}`).hostname : named;
