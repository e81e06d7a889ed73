/** Quota: calls of the last minutes against what Polly allows, for each engine and operation. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client.ts';
import type { QuotaUse } from '../api/types.ts';
import { countOf, grouped } from '../parts/figures.ts';
import { Plot } from '../parts/plot.tsx';

const EVERY_MS = 2_000;
const SECONDS = 300;

export function QuotaView() {
  const use = useSignal<QuotaUse | undefined>(undefined);
  useEffect(() => {
    document.title = 'Quota · Setlist';
    const look = async (): Promise<void> => {
      use.value = await get<QuotaUse>(`/quota?seconds=${SECONDS}`).catch(() => use.value);
    };
    void look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (!use.value) return <p class="hint">Loading…</p>;
  const { engines, dispatchers, documented, until } = use.value;
  return (
    <>
      <div class="head">
        <h1>Quota</h1>
        <span class="chip">{countOf(dispatchers.length, 'dispatcher')} at work within the last minute</span>
      </div>
      {engines.length === 0 && <p class="hint">No call was made since this console was started.</p>}
      {engines.map(({ engine, operation, calls, throttled }) => {
        const allowed = documented.find((quota) => quota.engine === engine && quota.operation === operation);
        const sum = throttled.reduce((total, count) => total + count, 0);
        return (
          <section key={`${engine}.${operation}`} class="panel">
            <h2>
              {engine}, {operation === 'task' ? 'tasks' : 'calls'}
            </h2>
            <p class="hint">
              {grouped(calls.at(-1) ?? 0)} in the last second
              {allowed && `, of ${allowed.rps} that Polly allows`}; {grouped(sum)} throttled in{' '}
              {countOf(SECONDS / 60, 'minute')}
            </p>
            <Plot
              label={`${engine} ${operation}: calls a second`}
              times={calls.map((_, at) => until - calls.length + 1 + at)}
              lines={[
                { label: 'calls', values: calls, colour: '--made' },
                { label: 'throttled', values: throttled, colour: '--failed' },
                ...(allowed
                  ? [{ label: 'allowed', values: calls.map(() => allowed.rps), colour: '--muted' }]
                  : []),
              ]}
            />
          </section>
        );
      })}
    </>
  );
}
