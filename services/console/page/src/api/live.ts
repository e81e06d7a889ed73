/**
 * Live changes. Uses `fetch`, since `EventSource` can't send a token, and reconnects with the last id that it has read,
 * so that nothing is missed. A hidden tab opens no stream, and soon closes the one that it has: over HTTP/1.1, a browser
 * has six connections to the console for all its tabs together.
 */
import { signal } from '@preact/signals';
import { askForToken, authorization, refusalIn, signIns } from './client.ts';
import { pause } from './pause.ts';
import type { Change } from './types.ts';

/** Whether changes are coming in; `behind` means that the console is up, but hears nothing from the broker. */
export const liveness = signal<'live' | 'connecting' | 'behind'>('connecting');

export interface Listener {
  /** The place in the log to begin at: what was fetched before includes everything up to it. */
  readonly since: number;
  onChange(change: Change): void;
  /** Too much was missed: fetch everything again, and listen from its place in the log. */
  onReset(): void;
}

export interface Listening {
  /** The place in the log up to which all changes have been delivered. */
  readonly position: number;
  /** Ends delivery at once, also of changes that have already arrived. */
  stop(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** How long a tab can be hidden before it closes its stream, in ms. */
const UNSEEN_MS = 5_000;
/** Longest silence before reconnecting, in ms: the console sends a sign of life every 15 s. */
const SILENT_MS = 40_000;

/** Listens until `stop` is called, reconnecting as needed. `topic` is a query such as `set=…`, or empty. */
export function listen(topic: string, listener: Listener): Listening {
  const ended = new AbortController();
  let lastId = listener.since;
  let pauseMs = FIRST_PAUSE_MS;
  const connect = async (): Promise<void> => {
    const unseen = whenUnseen();
    const silent = whenSilent();
    const by = signIns.peek();
    try {
      const response = await fetch(`/api/v1/live?${topic}`, {
        headers: { ...authorization(), 'last-event-id': String(lastId) },
        signal: AbortSignal.any([ended.signal, unseen.signal, silent.signal]),
      });
      if (response.status === 401) askForToken(await refusalIn(response), by);
      if (!response.ok || !response.body) throw new Error(response.statusText);
      liveness.value = 'live';
      pauseMs = FIRST_PAUSE_MS;
      for await (const { id, event, data } of eventsIn(response.body, silent.heard)) {
        if (ended.signal.aborted) return;
        if (event === 'reset') {
          liveness.value = 'connecting';
          return listener.onReset();
        }
        liveness.value = event === 'behind' ? 'behind' : 'live';
        if (event === 'change') listener.onChange(JSON.parse(data) as Change);
        if (id !== '') lastId = Number(id);
      }
    } catch {
      // Whatever ended the connection, `run` reconnects.
    } finally {
      unseen.stop();
      silent.stop();
    }
  };
  const run = async (): Promise<void> => {
    for (;;) {
      await whenSeen(ended.signal);
      if (ended.signal.aborted) return;
      await connect();
      if (ended.signal.aborted) return;
      liveness.value = 'connecting';
      if (!document.hidden) await pause(pauseMs * (0.5 + Math.random()), ended.signal);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  };
  void run();
  return {
    get position() {
      return lastId;
    },
    stop: () => ended.abort(),
  };
}

/** Aborts once this tab has been hidden for a while. */
function whenUnseen(): { readonly signal: AbortSignal; stop(): void } {
  const unseen = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => unseen.abort(), UNSEEN_MS);
  };
  look();
  document.addEventListener('visibilitychange', look);
  return {
    signal: unseen.signal,
    stop: () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    },
  };
}

/** Aborts once nothing has arrived for a while: a connection that was cut silently looks just like an idle one. */
function whenSilent(): { readonly signal: AbortSignal; heard(): void; stop(): void } {
  const silent = new AbortController();
  let timer: ReturnType<typeof setTimeout>;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENT_MS);
  };
  heard();
  return { signal: silent.signal, heard, stop: () => clearTimeout(timer) };
}

/** Resolves once this tab is in sight, or `aborted` aborts. */
function whenSeen(aborted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!document.hidden || aborted.aborted) return resolve();
    const end = (): void => {
      document.removeEventListener('visibilitychange', end);
      aborted.removeEventListener('abort', end);
      resolve();
    };
    document.addEventListener('visibilitychange', end);
    aborted.addEventListener('abort', end);
  });
}

interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    rest += decoder.decode(value, { stream: true });
    const whole = rest.split('\n\n');
    rest = whole.pop() ?? '';
    for (const text of whole) if (!text.startsWith(':')) yield parsed(text);
  }
}

function parsed(text: string): ServerSentEvent {
  const field = (name: string): string =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { id: field('id'), event: field('event'), data: field('data') };
}
