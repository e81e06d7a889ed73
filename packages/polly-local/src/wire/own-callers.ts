/** Keeps the pages that a browser on this machine shows out: what is paid for nowhere is still nobody else's to use. */
import { isLoopback } from '@setlist/runtime';
import type { Request } from './http1-and-2.ts';

/**
 * Why a request is a web page's, if it is one. Browsers name the page by one of two headers that no SDK sends; a page
 * that has its own name point here (DNS rebinding) is known by that name, where the engine has none but this machine's.
 */
export function pageFault({ headers }: Pick<Request, 'headers'>, listensOn: string): string | undefined {
  const { origin, 'sec-fetch-site': site = 'none' } = headers;
  if (origin !== undefined || site !== 'none') return 'No web page may call this engine';
  const named = headers[':authority'] ?? headers.host;
  if (typeof named !== 'string' || !isLoopback(listensOn) || isLoopback(hostOf(named))) return undefined;
  return `This engine is reached as ${listensOn} or localhost only`;
}

const hostOf = (named: string): string =>
  URL.canParse(`http://${named}`) ? new URL(`http://${named}`).hostname : named;
