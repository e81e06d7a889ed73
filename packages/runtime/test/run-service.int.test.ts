/** What `runService` guarantees, seen from outside: a process, its log, its health server, its exit code. */
import { readdirSync, readFileSync } from 'node:fs';
import { eventually, temporaryFolder } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { GOOD_SETTINGS, ServiceProcess } from './service-process.ts';

const SETLIST = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

function startService(settings: Record<string, string> = {}): ServiceProcess {
  return new ServiceProcess({ ...GOOD_SETTINGS, ...settings });
}

async function readyz(service: ServiceProcess): Promise<{ status: number; body: Record<string, unknown> }> {
  const { healthUrl } = await service.logged('ready');
  const response = await fetch(`${healthUrl}/readyz`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function released(service: ServiceProcess): unknown[] {
  return service.entries.filter(({ event }) => event === 'released').map(({ resource }) => resource);
}

test('names every fault of its settings on standard error, and exits with 3', async () => {
  const settings = { HTTP_PORT: 'eighty', LOG_LEVEL: 'loud', UPSTREAM: '', SIGNING_PHRASE: 'too short' };
  await using service = new ServiceProcess(settings);
  expect(await service.exitCode()).toBe(3);
  expect(service.stderr).toContain("fixture can't start. The settings have 4 faults:");
  expect(service.stderr).toMatch(
    /HTTP_PORT must be .*LOG_LEVEL must be .*UPSTREAM is not set .*SIGNING_PHRASE must have/s,
  );
  expect(service.stderr).not.toContain('too short');
  expect(service.lines).toEqual([]);
});

test('--help lists the settings; another argument is refused with 2', async () => {
  await using help = new ServiceProcess({}, ['--help']);
  expect(await help.exitCode()).toBe(0);
  expect(help.lines.join('\n')).toMatch(
    /DRAIN_TIMEOUT .*default 25s[\s\S]*SIGNING_PHRASE .*required, secret/,
  );
  await using wrong = new ServiceProcess({}, ['--port', '80']);
  expect(await wrong.exitCode()).toBe(2);
  expect(wrong.stderr).toContain('unknown argument --port');
});

test('logs JSON lines that hold neither phrases nor secrets', async () => {
  await using service = startService({ BEHAVIOUR: 'finish' });
  expect(await service.exitCode()).toBe(0);
  const log = service.lines.join('\n');
  expect(service.events()).toEqual(['settings', 'detail', 'ready', 'released', 'released', 'stopped']);
  expect(service.entries.every((entry) => entry.service === 'fixture' && typeof entry.pid === 'number')).toBe(
    true,
  );
  expect(log).not.toMatch(/O Romeo|pa55word|a-secret-of-the-fixture/);
  expect(log).toContain('nats://***@127.0.0.1:4222');
});

test("prefers the user's value for a common setting, then the service's own default", async () => {
  await using debugging = startService({ BEHAVIOUR: 'finish' });
  await using quiet = startService({ BEHAVIOUR: 'finish', LOG_LEVEL: 'info' });
  await Promise.all([debugging.exitCode(), quiet.exitCode()]);
  expect(debugging.events()).toContain('detail');
  expect(quiet.events()).toEqual(['settings', 'ready', 'released', 'released', 'stopped']);
});

test('LOG_FORMAT=pretty writes lines for people, also without secrets', async () => {
  await using service = startService({ BEHAVIOUR: 'finish', LOG_FORMAT: 'pretty' });
  expect(await service.exitCode()).toBe(0);
  expect(service.lines.some((line) => /INFO: fixture: ready$/.test(line))).toBe(true);
  expect(service.lines.join('\n')).not.toMatch(/O Romeo|pa55word|a-secret-of-the-fixture/);
});

test('what Node compiled of a service is kept for the next start once it is ready, however it ends', async () => {
  await using kept = await temporaryFolder();
  await using service = startService({ NODE_COMPILE_CACHE: kept.path });
  await service.logged('ready');
  await eventually(() => readdirSync(kept.path, { recursive: true }).length > 10);
});

test('/healthz answers at once, /readyz once every check passes', async () => {
  await using service = startService();
  const { healthUrl } = await service.logged('ready');
  expect(await (await fetch(`${healthUrl}/healthz`)).json()).toMatchObject({
    status: 'ok',
    service: 'fixture',
    version: SETLIST.version,
    uptimeSeconds: expect.any(Number),
  });
  expect(await readyz(service)).toMatchObject({
    status: 503,
    body: { checks: { service: { ok: true }, cache: { ok: false, reason: 'not warm yet' } } },
  });
  expect(await readyz(service)).toMatchObject({ status: 200 });
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: work ends first, then all is released in reverse order',
  async (signal) => {
    await using service = startService({ BEHAVIOUR: 'work' });
    await service.logged('ready');
    service.kill(signal);
    expect(await service.exitCode()).toBe(0);
    expect(released(service)).toEqual(['work', 'consumer', 'connection']);
    expect(service.events().slice(-5)).toEqual(['draining', 'released', 'released', 'released', 'stopped']);
  },
);

test('while it drains, it is alive and not ready', async () => {
  await using service = startService({ BEHAVIOUR: 'hang' });
  const { healthUrl } = await service.logged('ready');
  service.kill('SIGTERM');
  await service.logged('draining');
  expect(await readyz(service)).toMatchObject({
    status: 503,
    body: { checks: { service: { reason: 'draining' } } },
  });
  expect((await fetch(`${healthUrl}/healthz`)).status).toBe(200);
});

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a second signal, %s, ends it at once with %i', async (signal, code) => {
  await using service = startService({ BEHAVIOUR: 'hang' });
  await service.logged('ready');
  service.kill('SIGTERM');
  await service.logged('draining');
  service.kill(signal);
  expect(await service.exitCode()).toBe(code);
  expect((await service.logged('killed')).stillOpen).toContain('stuck queue');
});

test('a drain that takes longer than DRAIN_TIMEOUT exits with 1 and names what was open', async () => {
  await using service = startService({ BEHAVIOUR: 'work,hang', DRAIN_TIMEOUT: '100ms' });
  await service.logged('ready');
  service.kill('SIGTERM');
  expect(await service.exitCode()).toBe(1);
  const { stillOpen } = await service.logged('drain-timeout');
  expect(stillOpen).toEqual(['stuck queue', 'consumer', 'connection', 'health server']);
});

test('a signal during the start aborts it and releases what it had acquired', async () => {
  await using service = startService({ BEHAVIOUR: 'start-slowly' });
  await service.logged('starting slowly');
  service.kill('SIGTERM');
  expect(await service.exitCode()).toBe(0);
  expect(service.events()).not.toContain('ready');
  expect(released(service)).toEqual(['consumer', 'connection']);
});

test.each([
  ['miss', 3, 'start-failed', 'could not start: connect ECONNREFUSED'],
  ['break', 1, 'start-failed', 'could not start: a mistake in the program'],
  ['fail', 1, 'failed', 'failed: the work failed'],
])(
  'when it has to %s, it exits with %i, says why, and releases what it had',
  async (behaviour, code, event, msg) => {
    await using service = startService({ BEHAVIOUR: behaviour });
    expect(await service.exitCode()).toBe(code);
    expect(await service.logged(event)).toMatchObject({
      level: 'fatal',
      msg,
      err: { stack: expect.any(String) },
    });
    expect(released(service)).toEqual(['consumer', 'connection']);
  },
);

test('says what to do if something is missing', async () => {
  await using service = startService({ BEHAVIOUR: 'miss' });
  expect((await service.logged('start-failed')).remedy).toContain('Nothing listens at this address');
});

test('a taken port exits as something missing', async () => {
  await using first = startService();
  const { healthUrl } = await first.logged('ready');
  await using second = startService({ HTTP_PORT: new URL(String(healthUrl)).port });
  expect(await second.exitCode()).toBe(3);
  expect((await second.logged('start-failed')).remedy).toContain('Another process uses this port');
});

test.each([
  ['reject', 'unhandledRejection'],
  ['throw', 'uncaughtException'],
])('an error that nobody caught (%s) is logged as fatal and ends it with 1', async (behaviour, origin) => {
  await using service = startService({ BEHAVIOUR: behaviour });
  expect(await service.exitCode()).toBe(1);
  expect(await service.logged('crashed')).toMatchObject({
    level: 'fatal',
    origin,
    err: { message: 'nobody caught this' },
  });
});
