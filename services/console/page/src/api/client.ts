/** Asks the console's API: with the caller's token, and refusals as errors that say what to do. */
import { signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

const TOKEN_KEY = 'setlist-token';

/** Kept for this tab only. */
export const token = signal(kept('sessionStorage', TOKEN_KEY) ?? '');
/** Raised with each token that is given: everything is then asked for anew. */
export const signIns = signal(0);
/** Why the console shows us nothing without another token; nothing where it does. */
export const signInFor = signal<Refused | undefined>(undefined);

export function signIn(given: string): void {
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

/** A refusal, as the API words it. */
export class Refused extends Error {
  readonly status: number;
  /** Its kind. */
  readonly code: string;
  readonly remedy: string;
  /** How long to wait before it is asked for again, where the console says so. */
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

/** Throws {@link Refused}, or whatever `fetch` throws where the console can't be reached. */
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

/** @param by how many tokens had been given when it was asked: what an earlier one was refused says nothing of the newest */
export function askForToken(refused: Refused, by: number): void {
  if (by === signIns.peek()) signInFor.value = refused;
}

/** What an answer that is not `ok` says. */
export async function refusalIn(response: Response): Promise<Refused> {
  const { status, statusText, headers } = response;
  const said = (await response.json().catch(() => ({}))) as Partial<Said>;
  const { code = '', detail = `the answer was ${status} ${statusText}`, remedy = '' } = said;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isNaN(seconds) ? undefined : 1_000 * seconds;
  return new Refused(status, { code, detail, remedy, retryAfterMs });
}

/** What a view shows: where the token does not let us see it, another is asked for. */
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
