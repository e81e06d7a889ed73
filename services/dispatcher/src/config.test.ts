import { loadConfig } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { dispatcherConfig, processConfig } from './config.ts';

const load = (env: Record<string, string>) =>
  loadConfig(dispatcherConfig, { STORE: '/tmp/audio', OUTPUT: '/tmp/out', ...env });

/** As long as a name in a folder can be. */
const FOLDER = `${'a'.repeat(255)}/`;

test('accepts quotas with a concurrency, and any task prefix that Polly accepts and stores can hold', () => {
  const longest = `${FOLDER}${FOLDER}${'a'.repeat(223)}/`;
  expect(longest).toHaveLength(736);
  for (const TASK_PREFIX of ['a', longest, `${FOLDER}${'a'.repeat(148)}`])
    expect(load({ TASK_PREFIX }).TASK_PREFIX).toBe(TASK_PREFIX);
  const { QUOTAS } = load({ QUOTAS: 'neural.synthesize=20/25/1' });
  expect(QUOTAS).toMatchObject({ neural: { synthesize: { rps: 20, burst: 25, concurrency: 1 } } });
});

test('accepts quotas of look-ups, and keeps Polly’s where none is named', () => {
  const kept = (text: string) => load({ QUOTAS: text }).QUOTAS;
  expect(kept('poll=40/50')).toMatchObject({
    poll: { rps: 40, burst: 50 },
    lexicons: { rps: 5, burst: 10 },
    neural: { synthesize: { rps: 8 } },
  });
  expect(kept('polly, lexicons=0.5')).toMatchObject({
    poll: { rps: 10, burst: 10 },
    lexicons: { rps: 0.5, burst: 1 },
  });
});

test.each([
  { QUOTAS: 'neural.synthesize=20/25/0' },
  { QUOTAS: 'neural.synthesize=0' },
  { QUOTAS: 'poll=0' },
  { QUOTAS: 'lexicons=5/10/1' },
  { QUOTAS: 'neural=5' },
  { QUOTAS: 'neural.poll=5' },
  { TASK_PREFIX: 'my tasks/' },
  { TASK_PREFIX: 'tâches/' },
  { TASK_PREFIX: `${FOLDER}${FOLDER}${'a'.repeat(224)}/` },
  { TASK_PREFIX: '/setlist/' },
  { TASK_PREFIX: 'setlist//' },
  { TASK_PREFIX: '.setlist/' },
  { TASK_PREFIX: `${'a'.repeat(256)}/` },
  { TASK_PREFIX: 'a'.repeat(149) },
])(
  'refuses at startup what would block every call or be refused every time: %o',
  (env: Record<string, string>) => {
    const [name = ''] = Object.keys(env);
    expect(() => load(env)).toThrow(name);
  },
);

test('says what is wrong with a task prefix, and what to do', () => {
  expect(() => load({ TASK_PREFIX: '/setlist/' })).toThrow(/absolute path: remove the leading "\/"/);
});

test('with Polly, what its tasks are paid for is looked for in the bucket that they write to', () => {
  const polly = { PROVIDERS: 'local,polly', TASK_BUCKET: 'tasks' };
  for (const elsewhere of ['file:///buckets/tasks', '/buckets/tasks', 's3://other', 's3://tasks/prefix'])
    expect(() => load({ ...polly, TASK_STORE: elsewhere }), elsewhere).toThrow(
      /TASK_STORE must be unset or s3:\/\/tasks/,
    );
  for (const there of ['', 's3://tasks', 's3://tasks/'])
    expect(() => load({ ...polly, TASK_STORE: there }), there).not.toThrow();
  expect(() => load({ ...polly, TASK_BUCKET: '', TASK_STORE: 'file:///unused' })).not.toThrow();
  expect(() => load({ TASK_BUCKET: 'tasks', TASK_STORE: 'file:///buckets/tasks' })).not.toThrow();
});

test('a process has more time to drain than one of its calls can take', () => {
  const start = (env: Record<string, string>) => loadConfig(processConfig, { STORE: '/tmp/audio', ...env });
  const { DRAIN_TIMEOUT, CALL_TIMEOUT } = start({});
  expect(DRAIN_TIMEOUT).toBeGreaterThan(CALL_TIMEOUT);
  expect(() => start({ CALL_TIMEOUT: '60s' })).toThrow(/DRAIN_TIMEOUT .*longer than CALL_TIMEOUT/);
  expect(() => start({ DRAIN_TIMEOUT: '25s' })).toThrow('must be longer than CALL_TIMEOUT, 30 s');
  expect(start({ CALL_TIMEOUT: '60s', DRAIN_TIMEOUT: '75s' })).toMatchObject({ DRAIN_TIMEOUT: 75_000 });
});
