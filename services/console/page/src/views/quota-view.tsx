/** Recent calls against the quotas, by engine and operation, and the dispatchers that make them. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../api/client.ts';
import { pause } from '../api/pause.ts';
import type { QuotaUse } from '../api/types.ts';
import { countOf, grouped, timeOfDay } from '../parts/figures.ts';
import { Plot } from '../parts/plot.tsx';
import { useTitle } from '../parts/title.ts';
import { OutOfDate, Waiting } from '../parts/waiting.tsx';
import { type Asking, untilAnswered } from '../state/again.ts';

const EVERY_MS = 2_000;
const SECONDS = 300;
/** Seconds over which the shown rate is averaged. */
const JUST_NOW = 10;

export function QuotaView() {
  const use = useSignal<QuotaUse | undefined>(undefined);
  const fault = useSignal<string | undefined>(undefined);
  useTitle('Quota');
  useEffect(() => {
    const closed = new AbortController();
    // It ends when the view is closed, or when the console refuses for good, which `fault` shows.
    keepLooking(use, { aborted: closed.signal, fault }).catch(() => undefined);
    return () => closed.abort();
  }, []);
  if (!use.value) return <Waiting fault={fault.value} />;
  const { engines, dispatchers, until, allowed } = use.value;
  return (
    <>
      <div class="head">
        <h1>Quota</h1>
      </div>
      <OutOfDate fault={fault.value} />
      <Dispatchers names={dispatchers} />
      {engines.length === 0 ? (
        <div class="empty panel">
          <h2>No calls yet</h2>
          <p>
            Nothing has been synthesized since this console started. Once a set runs, this shows how much of
            each quota it uses.
          </p>
        </div>
      ) : (
        <div class="plots panel-gap">
          {engines.map((engine) => (
            <EngineUse
              key={`${engine.engine}.${engine.operation}`}
              engine={engine}
              until={until}
              allowed={allowed}
            />
          ))}
        </div>
      )}
    </>
  );
}

async function keepLooking(use: Signal<QuotaUse | undefined>, asking: Asking): Promise<void> {
  const { aborted } = asking;
  const ask = (): Promise<QuotaUse> => get(`/quota?seconds=${SECONDS}`, aborted);
  while (!aborted.aborted) {
    if (!document.hidden) use.value = await untilAnswered(ask, asking);
    await pause(EVERY_MS, aborted);
  }
}

function Dispatchers({ names }: { names: readonly string[] }) {
  return (
    <section class="panel" aria-labelledby="dispatchers">
      <div class="plot-head">
        <h2 id="dispatchers">
          {names.length === 0 ? 'No active dispatchers' : `${countOf(names.length, 'active dispatcher')}`}
        </h2>
        <p class="hint small">within the last minute</p>
      </div>
      {names.length === 0 ? (
        <p class="hint">They had nothing to do, or none is running.</p>
      ) : (
        <ul class="alive">
          {names.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

type Engine = QuotaUse['engines'][number];

type EngineUseProps = Pick<QuotaUse, 'until' | 'allowed'> & { readonly engine: Engine };

function EngineUse({ engine, until, allowed }: EngineUseProps) {
  const { calls, throttled, operation } = engine;
  const quota = allowed.find((one) => one.engine === engine.engine && one.operation === operation);
  const allThrottled = throttled.reduce((sum, count) => sum + count, 0);
  const rate = calls.slice(-JUST_NOW).reduce((sum, count) => sum + count, 0) / JUST_NOW;
  const name = `${engine.engine}, ${operation === 'task' ? 'tasks' : 'calls'}`;
  return (
    <section class="panel" aria-label={name}>
      <div class="plot-head">
        <h2>{name}</h2>
        <p class="small">
          {rate.toFixed(1)}/s
          {quota && <span class="hint"> of {quota.rps}/s allowed</span>}
        </p>
      </div>
      <Plot
        label={`${name}: calls per second over the last ${SECONDS / 60} minutes`}
        times={calls.map((_, at) => until - calls.length + 1 + at)}
        write={(rate) => grouped(rate)}
        writeTime={timeOfDay}
        lines={[
          { label: 'used', values: calls, colour: '--done' },
          ...(allThrottled > 0 ? [{ label: 'throttled', values: throttled, colour: '--failed' }] : []),
          ...(quota
            ? [{ label: 'allowed', values: calls.map(() => quota.rps), colour: '--muted', dashed: true }]
            : []),
        ]}
      />
      <p class="hint small">
        {allThrottled === 0 ? 'None' : grouped(allThrottled)} throttled in the last {SECONDS / 60} minutes
      </p>
    </section>
  );
}
