/** Asks before doing something that can't be undone. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { refused } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';

/** Refuses at once if an answer will be needed and nobody can give it. `remedy` says how to see the list. */
export function requireAnswerable({ stdin }: Surroundings, what: string, remedy: string): void {
  if (stdin.isTTY === true) return;
  throw refused(`can't ask whether to ${what}: standard input is not a terminal`, remedy);
}

/** Whether the user says yes; the end of the input means no. @throws the signal's reason */
export async function confirm(
  { stdin, terminal }: Surroundings,
  question: string,
  signal: AbortSignal,
): Promise<boolean> {
  terminal.clear();
  terminal.write(`${question} [y/N] `, 'stderr');
  const lines = createInterface({ input: stdin });
  const over = new AbortController();
  const until = { signal: AbortSignal.any([signal, over.signal]) };
  try {
    const line = once(lines, 'line', until).then(([text]) => String(text));
    const end = once(lines, 'close', until).then(() => '');
    const answer = await Promise.race([line, end]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
    lines.close();
  }
}
