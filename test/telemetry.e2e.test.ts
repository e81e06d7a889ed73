/** Telemetry: one trace follows an item from the drop to the message, and every service's metrics are exact. */
import { METRICS, type MetricKey, prometheusName } from '@setlist/runtime';
import { eventually, type ReceivedSpan, startCollector, type TestCollector } from '@setlist/testkit';
import parse from 'parse-prometheus-text-format';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { System, setFile } from './system.ts';

const SET = 'watched';
/** The number of items, of which every fourth has the same text. */
const ITEMS = 12;
const REPEATED = 3;
const phrase = (index: number): string => (index % 4 === 0 ? 'A secret thing is said.' : `Secret ${index}.`);

let collector: TestCollector;
let system: System;
let metrics: Map<string, Awaited<ReturnType<typeof scraped>>>;
let spans: readonly ReceivedSpan[];

beforeAll(async () => {
  collector = await startCollector();
  system = await System.start({
    engine: { ENGINE: 'instant', FAULT_THROTTLE: '0.3' },
    services: {
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      QUOTAS: 'standard.synthesize=60/60/60',
      CONSOLE_PORT: '0',
    },
  });
  await system.startService('console');
  await system.drop(`${SET}.yml`, setFile(SET, ITEMS, { phrase }));
  await system.completed(SET, 60_000);
  await eventually(async () => expect(await system.mails()).toHaveLength(1));
  await askConsole();
  metrics = new Map();
  // A message that can be seen is counted a moment later.
  await eventually(async () => {
    metrics.set('notifier-1', await scraped('notifier-1'));
    expect(value('notifier-1', 'notices', { setlist_outcome: 'sent' })).toBe(1);
  });
  for (const name of system.processes.keys()) metrics.set(name, await scraped(name));
  // The services send their remaining telemetry when they stop.
  await Promise.all([...system.processes.values()].map((running) => running.term()));
  spans = collector.spans();
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

async function urlIn(service: string, line: RegExp): Promise<Record<string, string>> {
  const process = system.processes.get(service);
  if (process === undefined) throw new Error(`${service} does not run`);
  return JSON.parse(await process.waitForLine(line)) as Record<string, string>;
}

const CALLER = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;

async function askConsole(): Promise<void> {
  const { url } = await urlIn('console-1', /"event":"listening"/);
  const answer = await fetch(`${url}/api/v1/sets`, { headers: { traceparent: CALLER } });
  expect(answer.status).toBe(200);
}

async function scraped(service: string) {
  const { healthUrl } = await urlIn(service, /"event":"ready"/);
  const reply = await fetch(`${healthUrl}/metrics`);
  expect(reply.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const text = await reply.text();
  // The parser merges a histogram's samples whatever their labels; without type lines it keeps them apart.
  return { families: parse(text), samples: parse(text.replaceAll(/^#.*$/gm, '')) };
}

/** The sum of a metric's samples with these labels; for a histogram, their count. */
function value(service: string, metric: MetricKey, labels: Record<string, string> = {}): number {
  const declared = METRICS[metric];
  const wanted = `${prometheusName(declared)}${declared.kind === 'histogram' ? '_count' : ''}`;
  return (metrics.get(service)?.samples ?? [])
    .flatMap((family) => (family.name === wanted ? family.metrics : []))
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels?.[label] === value))
    .reduce((sum, sample) => sum + Number(sample.value), 0);
}

test('the dispatcher’s counts of items, characters, calls and throttles match the log and the engine', async () => {
  const engine = (await system.engineStats()).calls['SynthesizeSpeech/standard'];
  const events = await system.events();
  const ended = events.find((event) => event.name === 'SetCompleted');
  const spared = events.flatMap((event) =>
    event.name === 'ItemCompleted' ? event.data.sparedCharacters : [],
  );
  const of = (metric: MetricKey, labels?: Record<string, string>) => value('dispatcher-1', metric, labels);
  expect(of('items', { setlist_outcome: 'paid' })).toBe(ITEMS - REPEATED + 1);
  expect(of('items', { setlist_outcome: 'reused' })).toBe(REPEATED - 1);
  expect(of('items')).toBe(ITEMS);
  expect(of('charactersPaid')).toBe(ended?.data.billedCharacters);
  expect(of('charactersSaved')).toBe(spared.reduce((sum, characters) => sum + characters, 0));
  const call = { rpc_method: 'Polly/SynthesizeSpeech', setlist_provider: 'local', setlist_lane: 'standard' };
  expect(of('calls', { ...call, setlist_outcome: 'ok' })).toBe(engine?.ok);
  expect(of('calls', { ...call, setlist_outcome: 'throttled' })).toBe(engine?.throttled);
  expect(of('throttles')).toBe(engine?.throttled);
  expect(engine?.throttled).toBeGreaterThan(0);
  expect(of('admitted', { setlist_operation: 'synthesize' })).toBeGreaterThanOrEqual(ITEMS - REPEATED + 1);
  expect(of('allowed', { setlist_operation: 'synthesize', setlist_lane: 'standard' })).toBe(60);
  expect(of('steps', { setlist_step: 'say outcome' })).toBe(ITEMS);
});

test('every other service measures its own part', () => {
  expect(value('ingest-1', 'setEvents', { setlist_event: 'SetAccepted' })).toBe(1);
  expect(value('ingest-1', 'steps', { setlist_step: 'ingest set' })).toBe(1);
  expect(value('tracker-1', 'setEvents', { setlist_event: 'SetCompleted' })).toBe(1);
  expect(value('tracker-1', 'sets')).toBe(0);
  expect(value('tracker-1', 'foldLag')).toBe(0);
  expect(value('tracker-1', 'steps', { setlist_step: 'fold event' })).toBeGreaterThanOrEqual(2 * ITEMS + 2);
  expect(value('notifier-1', 'notices', { setlist_outcome: 'sent' })).toBe(1);
  expect(
    value('console-1', 'requests', { http_route: '/api/v1/sets', http_response_status_code: '200' }),
  ).toBe(1);
});

test('no service exports an undeclared metric, or one of the wrong type', () => {
  const kinds = new Map(Object.values(METRICS).map((metric) => [prometheusName(metric), metric.kind]));
  const shown = [...metrics.values()].flatMap(({ families }) => families);
  const strange = shown.filter(
    ({ name, type }) => name !== 'target_info' && kinds.get(name) !== type.toLowerCase(),
  );
  expect(shown.length).toBeGreaterThan(metrics.size);
  expect(strange).toEqual([]);
});

const named = (name: string): ReceivedSpan[] => spans.filter((span) => span.name === name);

function only(name: string, under?: ReceivedSpan): ReceivedSpan {
  const [span, ...others] = named(name).filter(
    ({ parentSpanId }) => under === undefined || parentSpanId === under.spanId,
  );
  if (span === undefined || others.length > 0) throw new Error(`${others.length + Number(!!span)} × ${name}`);
  return span;
}

test('one trace goes from the drop over the broker to the message, through every service', () => {
  const set = only('ingest set');
  expect(set).toMatchObject({ service: 'setlist-ingest' });
  expect(set.parentSpanId).toBeUndefined();
  const requests = only('request items', set);
  expect(named('request item')).toHaveLength(ITEMS);
  for (const request of named('request item')) {
    expect(request.parentSpanId).toBe(requests.spanId);
    const item = only('settle item', request);
    expect(item.service).toBe('setlist-dispatcher');
    expect(item.attributes['setlist.item.index']).toBe(request.attributes['setlist.item.index']);
    const folded = named('fold event').filter(({ parentSpanId }) => parentSpanId === item.spanId);
    expect(folded).toMatchObject([
      { service: 'setlist-tracker', attributes: { 'setlist.event': 'ItemCompleted' } },
    ]);
    const steps = item.attributes['setlist.outcome'] === 'paid' ? PAID : ['deliver audio', 'say outcome'];
    for (const step of steps)
      expect(named(step).some(({ parentSpanId }) => parentSpanId === item.spanId)).toBe(true);
  }
  const finding = only('say finding', set);
  expect(finding).toMatchObject({
    service: 'setlist-tracker',
    attributes: { 'setlist.event': 'SetCompleted' },
  });
  expect(only('deliver message', finding)).toMatchObject({
    service: 'setlist-notifier',
    attributes: { 'setlist.channel': 'folder', 'setlist.outcome': 'sent' },
  });
  const others = spans.filter(({ name }) => name !== 'GET /api/v1/sets');
  expect(new Set(others.map(({ traceId }) => traceId))).toEqual(new Set([set.traceId]));
});

const PAID = [
  'wait for admission',
  'claim sound',
  'wait for moment',
  'call provider',
  'store audio',
  'note payment',
  'deliver audio',
];

test('a throttled call is a failed step, named by its code', () => {
  const throttled = named('call provider').filter(({ failed }) => failed);
  expect(throttled.length).toBeGreaterThan(0);
  for (const { attributes } of throttled) {
    expect(attributes).toMatchObject({
      'error.type': 'ThrottlingException',
      'rpc.system.name': 'aws-api',
      'rpc.method': 'Polly/SynthesizeSpeech',
    });
  }
});

test('a request to the console belongs to its caller’s trace', () => {
  expect(only('GET /api/v1/sets')).toMatchObject({
    service: 'setlist-console',
    traceId: 'c'.repeat(32),
    parentSpanId: 'd'.repeat(16),
  });
});

test('every event of the set and of its sounds carries the trace, but projections don’t', async () => {
  const { traceId } = only('ingest set');
  const events = await system.events();
  expect(events.length).toBeGreaterThan(3 * ITEMS);
  expect(events.filter(({ traceparent }) => traceparent?.split('-')[1] !== traceId)).toEqual([]);
  const projected: unknown[] = [];
  for (const key of await system.log.sets.keys('>')) projected.push(await system.log.sets.get(key));
  expect(projected.length).toBeGreaterThan(2);
  expect(JSON.stringify(projected)).not.toContain(traceId);
});

test('no trace contains a phrase', () => {
  expect(spans.length).toBeGreaterThan(5 * ITEMS);
  expect(JSON.stringify(collector.received)).not.toMatch(/secret/i);
});
