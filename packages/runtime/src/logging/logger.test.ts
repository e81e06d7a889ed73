import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CreateLoggerOptions, createLogger } from './logger.ts';

function recordingLogger(options: Partial<CreateLoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logger = createLogger({ service: 'tracker', level: 'info', destination, ...options });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') };
}

test('writes one JSON object a line with service, pid, ISO time and the level by name', () => {
  const { logger, lines, last } = recordingLogger();
  logger.warn({ event: 'odd' }, 'look');
  expect(lines).toHaveLength(1);
  expect(last()).toMatchObject({
    level: 'warn',
    service: 'tracker',
    pid: process.pid,
    event: 'odd',
    msg: 'look',
  });
  expect(new Date(last().time).toISOString()).toBe(last().time);
});

describe('phrases never reach the log', () => {
  const phrase = 'Wherefore art thou Romeo?';
  test.each([
    ['text', { text: phrase }],
    ['ssml', { ssml: phrase }],
    ['items', { items: [{ index: 0, text: phrase }] }],
    ['sound', { sound: { text: phrase } }],
    ['an event', { data: { sound: { text: phrase } } }],
    ['a request of Polly', { input: { Text: phrase, VoiceId: 'Joanna' } }],
    ['what serializes itself', { event: { toJSON: () => ({ data: { text: phrase } }) } }],
    [
      'an error with the request on it',
      { err: Object.assign(new Error('refused'), { request: { text: phrase } }) },
    ],
    ['an error under another name', { failure: Object.assign(new Error('refused'), { text: phrase }) }],
    ['a cause', { err: new Error('outer', { cause: Object.assign(new Error('inner'), { text: phrase }) }) }],
    ['bytes', { body: Buffer.from(phrase) }],
  ])('%s', (_, fields) => {
    const { logger, lines } = recordingLogger();
    logger.info({ ...fields, kept: 'this' });
    logger.child(fields).info({ kept: 'this' });
    const { logger: other } = recordingLogger({ destination: { write: (line) => lines.push(line) } });
    other.setBindings(fields);
    other.child({}).info({ kept: 'this' });
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toContain('"kept":"this"');
      expect(line).not.toContain('Wherefore');
      expect(line).not.toContain(Buffer.from(phrase).join(',').slice(0, 20));
    }
  });
});

test('keeps what only looks like a phrase, and shows the length of a phrase', () => {
  const { logger, last } = recordingLogger();
  logger.info({ item: { text: 'four', textType: 'ssml', context: 'kept' } });
  expect(last().item).toEqual({ text: '[4 characters]', textType: 'ssml', context: 'kept' });
});

describe('secrets never reach the log', () => {
  test('by their name', () => {
    const { logger, last } = recordingLogger();
    logger.info({ headers: { Authorization: 'Bearer x', Cookie: 'y' }, mail: { auth: { password: 'z' } } });
    expect(last()).toMatchObject({
      headers: { Authorization: '[secret]', Cookie: '[secret]' },
      mail: { auth: { password: '[secret]' } },
    });
  });

  test('in a URL, wherever it occurs', () => {
    const { logger, lines } = recordingLogger();
    logger.error(new Error('no answer from nats://jane:pa55@broker:4222'));
    logger.info(
      { servers: ['nats://pa55@one', new URL('smtp://u:pa55@two')] },
      'to %s',
      'https://u:pa55@three/x',
    );
    expect(lines.join('')).not.toContain('pa55');
    expect(lines.join('')).toContain('nats://***@broker:4222');
  });

  test.each([
    ['"https://host/x?token=pa55" it said', '"https://host/x?token=***" it said'],
    ['"https://host/x?token=pa\\55\\" it said', '"https://host/x?token=***" it said'],
    ["'nats://u:pa55's@host' it said", "'nats://***@host' it said"],
  ])('in a URL between quotes, and the line stays JSON: %s', (said, shown) => {
    const { logger, last } = recordingLogger();
    logger.warn(said);
    expect(last().msg).toBe(shown);
  });

  test('by their value, quoted or not', () => {
    const { logger, lines } = recordingLogger({ secrets: ['hunter2"hunter2', 'info'] });
    logger.info({ note: 'sent hunter2"hunter2' }, 'hunter2"hunter2');
    expect(lines[0]).toContain('"note":"sent ***","msg":"***"');
    expect(lines[0]).toContain('"level":"info"');
  });
});

test('an address among the secrets keeps its host; one with a path is masked as a whole', () => {
  const broker = 'nats://pa55word@broker:4222';
  const hook = 'https://hooks.example.com/T000/pa55word';
  const { logger, last } = recordingLogger({ secrets: ['nats://127.0.0.1:9', broker, hook] });
  logger.error(`set NATS_URL (now nats://127.0.0.1:9), not ${broker} or ${hook}`);
  expect(last().msg).toBe('set NATS_URL (now nats://127.0.0.1:9), not nats://***@broker:4222 or ***');
});

test('an error keeps its name, code, message, remedy, stack, causes and aggregated errors', () => {
  const { logger, last } = recordingLogger();
  const inner = Object.assign(new TypeError('inner'), { code: 'E_INNER' });
  const outer = new Error('outer', { cause: new AggregateError([inner, 'a word'], 'several') });
  logger.error({ err: Object.assign(outer, { remedy: 'try again', other: 'dropped' }) });
  const { err } = last();
  expect(err).toMatchObject({ name: 'Error', message: 'outer', remedy: 'try again' });
  expect(err.stack).toContain('logger.test.ts');
  expect(err.other).toBeUndefined();
  expect(err.cause.errors).toEqual([
    expect.objectContaining({ name: 'TypeError', code: 'E_INNER' }),
    'a word',
  ]);
});

test('truncates what is long, deep or circular', () => {
  const { logger, last, lines } = recordingLogger();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  const error = new Error('loop');
  error.cause = error;
  logger.info({ loop, many: Array.from({ length: 100_000 }, (_, index) => index), error });
  expect(lines[0]?.length).toBeLessThan(20_000);
  expect(last().many).toHaveLength(101);
  expect(last().many[100]).toBe('[99900 more]');
});

test('pretty lines hide the same', () => {
  const { logger, lines } = recordingLogger({ pretty: true });
  logger.info({ text: 'Wherefore', url: 'nats://u:pa55@host' }, 'hello');
  expect(lines.join('')).toContain('tracker: hello');
  expect(lines.join('')).not.toMatch(/Wherefore|pa55/);
});

test('a service whose output is on a full disk keeps working', () => {
  const script = `
    const { createLogger } = await import(${JSON.stringify(import.meta.resolve('./logger.ts'))});
    const logger = createLogger({ service: 'tracker', level: 'info' });
    for (let line = 0; line < 20_000; line++) logger.info({ line }, 'one more');
    process.stderr.write('worked on');`;
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const ended = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  expect(ended).toMatchObject({ status: 0, stderr: 'worked on' });
});
