/** Calls the console's API with the caller's token; refusals become errors that say what to do. */
import { signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

const TOKEN_KEY = 'setlist-token';

/** Kept for this tab only. */
export const token = signal(kept('sessionStorage', TOKEN_KEY) ?? '');
/** Incremented by each sign-in: everything is then fetched again. */
export const signIns = signal(0);
/** The refusal that calls for another token, or `undefined`. */
export const signInFor = signal<Refused | undefined>(undefined);

/** @param pasted can come with `Bearer`, quotes or invisible characters, some of which no header can hold */
export function signIn(pasted: string): void {
  const given = pasted.replace(/^.*\bBearer\s/i, '').replace(/[^\w.~+/=-]/g, '');
  keep('sessionStorage', TOKEN_KEY, given);
  signInFor.value = undefined;
  token.value = given;
  signIns.value++;
}

interface Said {
  readonly code?: string;
  readonly detail: string;
  readonly remedy: string;
  readonly retryAfterMs?: number | undefined;
}

/** A refusal, in the API's words. */
export class Refused extends Error {
  readonly status: number;
  /** The kind of problem. */
  readonly code: string;
  readonly remedy: string;
  /** How long to wait before a retry, if the console says so. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, said: Said) {
    super(said.detail);
    this.status = status;
    this.code = said.code ?? '';
    this.remedy = said.remedy;
    this.retryAfterMs = said.retryAfterMs;
  }
}

export const authorization = (): Record<string, string> =>
  token.value === '' ? {} : { authorization: `Bearer ${token.value}` };

/** Throws {@link Refused}, or what `fetch` throws if the console can't be reached. */
async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const by = signIns.peek();
  const response = await fetch(`/api/v1${path}`, {
    ...init,
    headers: { ...authorization(), ...(init.headers as Record<string, string>) },
  });
  if (response.ok) return response;
  const refused = await refusalIn(response);
  if (refused.status === 401) askForToken(refused, by);
  throw refused;
}

/** @param by `signIns` at the time of the request: a refusal of an earlier token says nothing about the newest */
export function askForToken(refused: Refused, by: number): void {
  if (by === signIns.peek()) signInFor.value = refused;
}

/** Reads the refusal from an answer that is not `ok`. */
export async function refusalIn(response: Response): Promise<Refused> {
  const { status, statusText, headers } = response;
  const said = (await response.json().catch(() => ({}))) as Partial<Said>;
  const { code = '', detail = `the answer was ${status} ${statusText}`, remedy = '' } = said;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isNaN(seconds) ? undefined : 1_000 * seconds;
  return new Refused(status, { code, detail, remedy, retryAfterMs });
}

/** Fetches what a view shows; if the token doesn't allow it, asks for another. */
export async function get<T>(path: string, aborted?: AbortSignal): Promise<T> {
  const by = signIns.peek();
  try {
    return (await (await call(path, { signal: aborted ?? null })).json()) as T;
  } catch (error) {
    if (error instanceof Refused && error.code === 'scope-missing') askForToken(error, by);
    throw error;
  }
}

export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (
    await call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json() as Promise<T>;

/** Sends a set file unchanged. */
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

/** Fetches a file with the caller's token and has the browser save it. */
export async function download(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await call(path)).blob());
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
