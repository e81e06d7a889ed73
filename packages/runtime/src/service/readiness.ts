/** Checks everything a service needs, each with a time limit. */
import { redactUrl } from '../logging/mask.ts';
import { messageOf } from '../message-of.ts';
import { settlesWithin } from '../waiting/sleep.ts';

/** Fails by throwing or rejecting; `signal` aborts when its time is up. */
export type Check = (signal: AbortSignal) => Promise<void> | void;

type CheckResult = { ok: boolean; ms: number; reason?: string };

export type Readiness = { ready: boolean; checks: Record<string, CheckResult> };

const CHECK_TIMEOUT_MS = 2_000;

/** Runs all checks at once; ready if every one passes in time. */
export async function readiness(checks: ReadonlyMap<string, Check>): Promise<Readiness> {
  const results = await Promise.all(
    Array.from(checks, async ([name, check]) => [name, await runCheck(check)] as const),
  );
  return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) };
}

async function runCheck(check: Check): Promise<CheckResult> {
  const startedMs = performance.now();
  const limit = new AbortController();
  const reason = await failureOf(check, limit);
  limit.abort();
  const ms = Math.round(performance.now() - startedMs);
  return reason === undefined ? { ok: true, ms } : { ok: false, ms, reason };
}

async function failureOf(check: Check, limit: AbortController): Promise<string | undefined> {
  const run = async () => check(limit.signal);
  try {
    if (await settlesWithin(CHECK_TIMEOUT_MS, run())) return undefined;
    return `no answer within ${CHECK_TIMEOUT_MS} ms`;
  } catch (error) {
    return redactUrl(messageOf(error));
  }
}
