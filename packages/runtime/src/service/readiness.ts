/** Asks everything a service needs whether it is there, none of them longer than it may take. */
import { redactUrl } from '../logging/mask.ts';
import { messageOf } from '../message-of.ts';
import { settlesWithin } from '../waiting/sleep.ts';

/** Fails by throwing, by rejecting, or by answering `false`; `signal` aborts when its time is over. */
export type Check = (signal: AbortSignal) => unknown;

export type NamedCheck = { check: Check; timeoutMs: number };

type CheckResult = { ok: boolean; ms: number; reason?: string };

export type Readiness = { ready: boolean; checks: Record<string, CheckResult> };

export const CHECK_TIMEOUT_MS = 2_000;

/** Runs all checks at once; ready when each of them passed within its own time limit. */
export async function readiness(checks: ReadonlyMap<string, NamedCheck>): Promise<Readiness> {
  const results = await Promise.all(
    Array.from(checks, async ([name, named]) => [name, await runCheck(named)] as const),
  );
  return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) };
}

async function runCheck({ check, timeoutMs }: NamedCheck): Promise<CheckResult> {
  const startedMs = performance.now();
  const limit = new AbortController();
  const reason = await failureOf(check, timeoutMs, limit);
  limit.abort();
  const ms = Math.round(performance.now() - startedMs);
  return reason === undefined ? { ok: true, ms } : { ok: false, ms, reason };
}

async function failureOf(
  check: Check,
  timeoutMs: number,
  limit: AbortController,
): Promise<string | undefined> {
  let passed: unknown;
  const run = async () => {
    passed = await check(limit.signal);
  };
  try {
    if (!(await settlesWithin(timeoutMs, run()))) return `no answer within ${timeoutMs} ms`;
    return passed === false ? 'the check failed' : undefined;
  } catch (error) {
    return redactUrl(messageOf(error));
  }
}
