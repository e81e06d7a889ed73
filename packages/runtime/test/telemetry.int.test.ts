/** What leaves the process: metrics where they are scraped, metrics and traces where they are sent; nothing unless asked for. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { counter, gauge, seconds, startStep, startTelemetry } from '../src/index.ts';

interface Received {
  readonly path: string;
  readonly body: { resourceSpans?: { scopeSpans: { spans: Span[] }[] }[] };
}
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { code?: number; message?: string };
}

let collector: Server;
let endpoint: string;
const received: Received[] = [];

beforeEach(async () => {
  received.length = 0;
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterEach(async () => {
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

const spans = (): Span[] =>
  received
    .flatMap(({ body }) => body.resourceSpans ?? [])
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((of) => of.spans));

it('answers with all metrics in the format of Prometheus where they are on', async () => {
  await using telemetry = await startTelemetry({ service: 'test', METRICS: true });
  counter('setlist_calls', 'calls by outcome').add(2, { outcome: 'paid' });
  seconds('setlist_call_seconds', 'time of calls').record(0.02, { engine: 'neural' });
  gauge('setlist_lag', 'items that wait', () => [[7, { lane: 'neural' }]]);
  const text = await telemetry?.metricsText?.();
  expect(text).toContain('setlist_calls_total{outcome="paid"');
  expect(text).toMatch(/setlist_call_seconds_bucket\{[^}]*le="0.025"[^}]*\} 1/);
  expect(text).toMatch(/setlist_lag\{lane="neural"[^}]*\} 7/);
  expect(text).toContain('service_name="setlist-test"');
});

it('follows one item over services by what its events carry', async () => {
  {
    await using _ = await startTelemetry({
      service: 'test',
      METRICS: false,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    });
    const accepted = startStep('accept set');
    const item = startStep('settle item', { parent: accepted.traceparent, sampled: true });
    const left = startStep('settle item', { parent: accepted.traceparent, sampled: false });
    startStep('send notice', { parent: item.traceparent }).end('smtp-refused');
    counter('setlist_notices', 'notices sent').add(1);
    left.end();
    item.end();
    accepted.end();
  }
  const [notice, item, accepted] = spans();
  expect(spans().map(({ name }) => name)).toEqual(['send notice', 'settle item', 'accept set']);
  expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(1);
  expect([notice?.parentSpanId, item?.parentSpanId]).toEqual([item?.spanId, accepted?.spanId]);
  expect(notice?.status).toMatchObject({ code: 2, message: 'smtp-refused' });
  expect(received.map(({ path }) => path)).toContain('/v1/metrics');
});

it('hands on where it stands in a trace, and sends nothing, where traces are off', async () => {
  await using telemetry = await startTelemetry({ service: 'test', METRICS: false });
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  expect(startStep('settle item', { parent }).traceparent).toBe(parent);
  expect(startStep('accept set').traceparent).toBeUndefined();
  expect(telemetry).toBeUndefined();
  expect(received).toEqual([]);
});

it('ends in time where the collector is away', async () => {
  const telemetry = await startTelemetry({
    service: 'test',
    METRICS: false,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  startStep('accept set').end();
  await telemetry?.[Symbol.asyncDispose]();
}, 20_000);
