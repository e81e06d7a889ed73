/** What telemetry leaves the process: scraped metrics, sent metrics and traces, and nothing unless asked for. */
import { spawnSync } from 'node:child_process';
import { diag } from '@opentelemetry/api';
import { count, createLogger, observe, record, runStep, startStep, unsampled } from '@setlist/runtime';
import { eventually, startCollector, type TestCollector } from '@setlist/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TelemetrySettings } from '../src/telemetry/settings.ts';
import { startTelemetry } from '../src/telemetry/start-telemetry.ts';

let collector: TestCollector;
const said: string[] = [];
beforeEach(async () => {
  said.length = 0;
  collector = await startCollector();
});
afterEach(() => collector[Symbol.asyncDispose]());

const logger = createLogger({
  service: 'test',
  level: 'warn',
  pretty: false,
  destination: { write: (line: string) => void said.push(line) },
});
const start = (settings: TelemetrySettings) => startTelemetry({ name: 'setlist-test', settings, logger });
const toCollector = (more: TelemetrySettings = {}): TelemetrySettings => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  ...more,
});
const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

it('serves all metrics in Prometheus format if the settings ask for it', async () => {
  await using telemetry = await start({ OTEL_METRICS_EXPORTER: ['prometheus'] });
  expect(await telemetry?.metricsText?.()).toMatch(/\n$/);
  count('charactersPaid', 2, { lane: 'neural' });
  count('charactersPaid', 40, { lane: 'neural' });
  record('calls', 0.02, { rpcMethod: 'Polly/SynthesizeSpeech', outcome: 'ok' });
  await runStep('claim sound', {}, async () => undefined);
  using _lag = observe('laneLag', async () => [[7, { lane: 'neural' }]]);
  const text = await telemetry?.metricsText?.();
  expect(text).toContain('setlist_characters_paid_total{setlist_lane="neural"} 42');
  expect(text).toMatch(/^rpc_client_call_duration_seconds_bucket\{.*setlist_outcome="ok".*le="0.025"\} 1$/m);
  expect(text).toMatch(/^setlist_step_duration_seconds_count\{setlist_step="claim sound"\} 1$/m);
  expect(text).toContain('setlist_lane_lag{setlist_lane="neural"} 7');
  expect(text).toMatch(/^target_info\{.*service_name="setlist-test".*service_version="\d+\.\d+\.\d+"/m);
  expect(collector.spans()).toEqual([]);
});

it('serves all other values if one can not be read, and says why', async () => {
  await using telemetry = await start({ OTEL_METRICS_EXPORTER: ['prometheus'] });
  using _lag = observe('laneLag', () => Promise.reject(new Error('the broker is away')));
  using _sets = observe('sets', () => [[2, { state: 'running' }]]);
  const text = await telemetry?.metricsText?.();
  expect(text).toContain('setlist_sets{setlist_set_state="running"} 2');
  expect(text).not.toMatch(/^setlist_lane_lag/m);
  expect(said.join()).toContain('a value could not be read: the broker is away');
});

it('says the same trouble once, whatever its count, with its reasons and nothing else', async () => {
  await using _ = await start(toCollector());
  for (const dropped of [1337, 42]) diag.warn(`Dropped ${dropped} spans because maxQueueSize reached`);
  const request = { headers: { 'x-key': 'opensesame' } };
  diag.error('metrics export threw error', Object.assign(new Error('refused'), { request }), request);
  expect(said.map((line) => JSON.parse(line).trouble)).toEqual([
    'Dropped 1337 spans because maxQueueSize reached',
    'metrics export threw error: refused',
  ]);
  expect(said.join()).not.toContain('opensesame');
});

it('follows an item across services through its events, and shows errors only by their codes', async () => {
  {
    await using _ = await start(toCollector());
    const ingesting = startStep('ingest set', { facts: { set: 'a' } });
    const settling = startStep('settle item', { parent: ingesting.traceparent, facts: { item: 3 } });
    const call = settling.run('call provider', async () => {
      throw Object.assign(new Error('the phrase that was refused'), { code: 'TextLengthExceeded' });
    });
    await expect(call).rejects.toThrow('the phrase');
    const event: { id: number; traceparent?: string } = { id: 1 };
    expect(settling.mark(event)).toEqual({ id: 1, traceparent: settling.traceparent });
    settling.end();
    ingesting.end();
  }
  const [call, item, set] = collector.spans();
  expect([set?.name, item?.name, call?.name]).toEqual(['ingest set', 'settle item', 'call provider']);
  expect([item?.parentSpanId, call?.parentSpanId]).toEqual([set?.spanId, item?.spanId]);
  expect(new Set(collector.spans().map(({ traceId }) => traceId)).size).toBe(1);
  expect(item?.attributes).toMatchObject({
    'setlist.item.index': 3,
    'messaging.system': 'nats',
    'messaging.operation.type': 'process',
  });
  expect(call).toMatchObject({ failed: true, attributes: { 'error.type': 'TextLengthExceeded' } });
  expect(JSON.stringify(collector.received)).not.toContain('the phrase');
  expect(set?.service).toBe('setlist-test');
});

it('records nothing of an unsampled trace, but passes on its id', async () => {
  {
    await using _ = await start(toCollector());
    const step = startStep('settle item', { parent: unsampled(PARENT) });
    expect(step.traceparent).toMatch(new RegExp(`^00-${'a'.repeat(32)}-[0-9a-f]{16}-00$`));
    step.end();
    startStep('settle item').end();
    startStep('settle item', { parent: 'no traceparent' }).end();
  }
  expect(collector.spans()).toMatchObject([{ name: 'settle item' }]);
});

it('honours the sampler that the environment names', async () => {
  {
    await using _ = await start(
      toCollector({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: 0 }),
    );
    const root = startStep('ingest set');
    expect(root.traceparent).toMatch(/-00$/);
    root.end();
    startStep('settle item', { parent: PARENT }).end();
  }
  expect(collector.spans()).toMatchObject([{ name: 'settle item', traceId: 'a'.repeat(32) }]);
});

it('sends metrics at the configured interval, and once more at the end', async () => {
  {
    await using _ = await start(
      toCollector({ OTEL_TRACES_EXPORTER: ['none'], OTEL_METRIC_EXPORT_INTERVAL: 50 }),
    );
    count('items', 1, { outcome: 'paid' });
    await eventually(async () => expect(collector.metric('setlist.items')).toBe(1));
    count('items', 1, { outcome: 'paid' });
  }
  expect(collector.metric('setlist.items')).toBe(2);
  expect(collector.spans()).toEqual([]);
});

it('uses protobuf by default', async () => {
  {
    await using _ = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    startStep('ingest set').end();
    count('items', 1);
  }
  expect(collector.received.map(({ path, type }) => [path, type]).sort()).toEqual([
    ['/v1/metrics', 'application/x-protobuf'],
    ['/v1/traces', 'application/x-protobuf'],
  ]);
});

it('passes on the traceparent but sends nothing if telemetry is off', async () => {
  for (const off of [
    {},
    toCollector({ OTEL_SDK_DISABLED: true }),
    { OTEL_TRACES_EXPORTER: ['none' as const] },
  ]) {
    expect(await start(off)).toBeUndefined();
  }
  count('items', 1);
  expect(startStep('settle item', { parent: PARENT }).traceparent).toBe(PARENT);
  expect(startStep('ingest set').traceparent).toBeUndefined();
  expect(collector.received).toEqual([]);
});

it('does not load OpenTelemetry if telemetry is off', () => {
  const started = (settings: TelemetrySettings) => {
    const script = `
      import { registerHooks } from 'node:module';
      const resolve = (specifier, context, next) => {
        if (specifier.startsWith('@opentelemetry/')) throw new Error('loads ' + specifier);
        return next(specifier, context);
      };
      registerHooks({ resolve });
      await import('@setlist/runtime');
      const { startTelemetry } = await import('../src/telemetry/start-telemetry.ts');
      await startTelemetry({ name: 'test', settings: ${JSON.stringify(settings)} });`;
    const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', script], options);
  };
  expect(started({}).status).toBe(0);
  expect(started({ OTEL_METRICS_EXPORTER: ['prometheus'] }).stderr).toContain('loads @opentelemetry/');
});

it('ends in time if the collector is away, and says so', async () => {
  const away = await startCollector();
  await away[Symbol.asyncDispose]();
  const telemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: away.url });
  startStep('ingest set').end();
  await telemetry?.[Symbol.asyncDispose]();
  expect(said.join()).toMatch(/telemetry-(cut|trouble)/);
});
