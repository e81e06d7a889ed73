/**
 * Changes as they happen. `fetch` instead of `EventSource`, which can send no token; coming back with the last id that
 * was read, so that nothing is missed.
 */
import { signal } from '@preact/signals';
import { authorization, needsToken, token } from './client.ts';
import type { Change } from './types.ts';

/** Whether changes are coming in. */
export const isLive = signal(false);

export interface Listener {
  /** Where in the log to begin: what was fetched before holds all up to there. */
  readonly since: number;
  onChange(change: Change): void;
  /** Too much was missed: fetch everything anew, and listen again from where that stands. */
  onReset(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Listens until `stop` is called, over every loss of the connection. `topic` is a query such as `set=…`, or empty. */
export function listen(topic: string, listener: Listener): () => void {
  const ended = new AbortController();
  let lastId = String(listener.since);
  let pauseMs = FIRST_PAUSE_MS;
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      try {
        const response = await fetch(`/api/v1/live?${topic}`, {
          headers: { ...authorization(), 'last-event-id': lastId },
          signal: ended.signal,
        });
        if (response.status === 401) needsToken.value = true;
        if (!response.ok || !response.body) throw new Error(response.statusText);
        isLive.value = true;
        pauseMs = FIRST_PAUSE_MS;
        for await (const { id, event, data } of eventsIn(response.body)) {
          lastId = id;
          if (event === 'change') listener.onChange(JSON.parse(data) as Change);
          if (event === 'reset') listener.onReset();
        }
      } catch {
        // Whatever ended it, it is begun again.
      }
      if (ended.signal.aborted) return;
      isLive.value = false;
      await pause(pauseMs * (0.5 + Math.random()), ended.signal);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  };
  void run();
  return () => ended.abort();
}

interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
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

/** Also ends as soon as somebody signs in. */
function pause(ms: number, aborted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const before = token.value;
    const unsubscribe = token.subscribe((now) => {
      if (now !== before) end();
    });
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      queueMicrotask(() => unsubscribe());
      resolve();
    }
    aborted.addEventListener('abort', end, { once: true });
  });
}
