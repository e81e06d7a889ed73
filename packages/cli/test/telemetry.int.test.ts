/** The whole system in one process appears as one service in telemetry, with the measurements of all its parts. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { METRICS, prometheusName } from '@setlist/runtime';
import { eventually, startCollector } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { place, setOf } from './cli.ts';

test('up shows the metrics of all services at one place, and sends their spans', async () => {
  await using collector = await startCollector();
  await using here = await place();
  await here.write('a.yml', setOf('a', 3));
  await using system = await here.start(['up', '--no-console'], {
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  const line = await system.waitForLine(/metrics for Prometheus are at/);
  await system.waitForLine(/drop set files into/);
  expect((await here.run(['submit', 'a.yml', '--wait'])).code).toBe(0);
  const [url = ''] = /http:\S+\/metrics/.exec(line) ?? [];
  const text = await (await fetch(url)).text();
  const items = prometheusName(METRICS.items);
  expect(text).toMatch(new RegExp(`^${items}\\{.*setlist_outcome="paid".*\\} 3$`, 'm'));
  for (const event of ['SetAccepted', 'SetCompleted']) expect(text).toContain(`setlist_event="${event}"`);

  await eventually(async () => {
    const mails = await readdir(join(here.path, '.setlist/mail'));
    return mails.some((name) => name.endsWith('.eml'));
  });
  expect((await system.term('SIGINT')).code).toBe(130);
  const names = new Set(collector.spans().map(({ name }) => name));
  for (const name of ['ingest set', 'settle item', 'fold event', 'deliver message'])
    expect(names).toContain(name);
  expect(new Set(collector.spans().map(({ service }) => service))).toEqual(new Set(['setlist']));
});

test('says what to do if the port for metrics is taken', async () => {
  await using collector = await startCollector();
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const { port } = new URL(collector.url);
  const env = { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: port };
  const refused = await here.run(['run', 'a.yml'], { ...env, OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' });
  expect(refused.code).toBe(3);
  expect(refused.lines.join('\n')).toContain('OTEL_EXPORTER_PROMETHEUS_PORT');
});
