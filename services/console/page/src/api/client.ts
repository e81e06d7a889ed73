/** Asks the console's API: with the caller's token, and refusals as errors that say what to do. */
import { signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

const TOKEN_KEY = 'setlist-token';

/** Kept for this tab only. */
export const token = signal(kept('sessionStorage', TOKEN_KEY) ?? '');
/** Whether the console wants a token that we don't have. */
export const needsToken = signal(false);

export function signIn(given: string): void {
  keep('sessionStorage', TOKEN_KEY, given);
  token.value = given;
  needsToken.value = false;
}

/** A refusal, as the API words it. */
export class Refused extends Error {
  readonly status: number;
  readonly remedy: string;
  /** How long to wait before it is asked for again, where the console says so. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, detail: string, remedy: string, retryAfterMs?: number) {
    super(detail);
    this.status = status;
    this.remedy = remedy;
    this.retryAfterMs = retryAfterMs;
  }
}

export const authorization = (): Record<string, string> =>
  token.value === '' ? {} : { authorization: `Bearer ${token.value}` };

/** Throws {@link Refused}, or whatever `fetch` throws where the console can't be reached. */
async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`/api/v1${path}`, {
    ...init,
    headers: { ...authorization(), ...(init.headers as Record<string, string>) },
  });
  if (response.ok) return response;
  if (response.status === 401) needsToken.value = true;
  throw await refusalIn(response);
}

/** What an answer that is not `ok` says. */
export async function refusalIn(response: Response): Promise<Refused> {
  const { detail = `the answer was ${response.status} ${response.statusText}`, remedy = '' } = (await response
    .json()
    .catch(() => ({}))) as { detail?: string; remedy?: string };
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Refused(response.status, detail, remedy, Number.isNaN(seconds) ? undefined : 1_000 * seconds);
}

export const get = async <T>(path: string): Promise<T> => (await call(path)).json() as Promise<T>;

export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (
    await call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json() as Promise<T>;

/** Sends a set file as it is. */
export const postFile = (
  path: string,
  file: string | ArrayBuffer,
  init: RequestInit = {},
): Promise<Response> =>
  call(path, {
    ...init,
    method: 'POST',
    headers: { 'content-type': 'application/yaml', ...(init.headers as Record<string, string>) },
    body: file,
  });

/** Fetches a file with the caller's token and hands it to the browser to keep. */
export async function download(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await call(path)).blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
