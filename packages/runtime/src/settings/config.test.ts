import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { baseConfig } from './base-config.ts';
import { type ConfigFault, describeConfig, loadConfig, secretValues } from './config.ts';
import { configHelp } from './config-help.ts';
import { flag, integer, list, url } from './env-values.ts';
import { Faults } from './faults.ts';
import { secret } from './secret.ts';

const schema = z.object({
  ...baseConfig,
  NATS_URL: list(url({ protocols: ['nats'] })).describe('the broker'),
  SMTP_PASSWORD: secret(z.string().min(8)).optional().describe('the password of the mail server'),
  WORKERS: integer({ min: 1, max: 64 }).prefault('4').describe('how many at once'),
  DRY_RUN: flag().default(false),
});

function faultsOf(env: Record<string, string>, checked: z.ZodObject = schema): Faults<ConfigFault> {
  try {
    loadConfig(checked, env);
  } catch (error) {
    if (error instanceof Faults) return error;
    throw error;
  }
  throw new Error('expected faults');
}

describe('loadConfig', () => {
  test('reads values as their types and fills in defaults', () => {
    const config = loadConfig(schema, {
      NATS_URL: 'nats://a:4222, nats://b:4222',
      DRY_RUN: 'yes',
      OTHER: 'x',
    });
    expect(config).toEqual({
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 0,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'auto',
      DRAIN_TIMEOUT: 25_000,
      NATS_URL: ['nats://a:4222', 'nats://b:4222'],
      WORKERS: 4,
      DRY_RUN: true,
    });
  });

  test('names every fault at once: the variable, what is wrong, what it is for', () => {
    const error = faultsOf({ WORKERS: '65', HTTP_PORT: '70000', LOG_FORMAT: 'xml' });
    expect(error.faults.map(({ name }) => name).sort()).toEqual([
      'HTTP_PORT',
      'LOG_FORMAT',
      'NATS_URL',
      'WORKERS',
    ]);
    expect(error.message).toContain('The settings have 4 faults:');
    expect(error.message).toContain('NATS_URL is not set (the broker)');
    expect(error.message).toContain(
      'WORKERS must be a whole number from 1 to 64, but is "65" (how many at once)',
    );
  });

  test('counts an empty or blank variable as unset', () => {
    expect(loadConfig(schema, { NATS_URL: 'nats://a', WORKERS: '', HTTP_PORT: '  ' }).WORKERS).toBe(4);
    expect(faultsOf({ NATS_URL: '' }).message).toContain('NATS_URL is not set');
  });

  test('never shows the value of a secret, even when a refinement quotes it', () => {
    const quoting = z.object({
      KEY: secret(z.string())
        .refine((key) => key.startsWith('sk-'), { error: ({ input }) => `"${input}" must begin with sk-` })
        .optional(),
      PAIR: z.string().describe('the other half'),
    });
    const error = faultsOf({ KEY: 'hunter2hunter2' }, quoting);
    expect(error.message).toContain('KEY "***" must begin with sk-');
    expect(JSON.stringify([error.message, error.faults, error.cause])).not.toContain('hunter2');
    expect(faultsOf({ NATS_URL: 'nats://a', SMTP_PASSWORD: 'pa55' }).message).not.toContain('pa55');
  });

  test('masks the credentials of a URL that it quotes', () => {
    const { message } = faultsOf({ NATS_URL: 'http://jane:pa55@broker' });
    expect(message).toContain('"http://***@broker"');
    expect(message).not.toContain('pa55');
  });

  test('shows a fault between settings without a variable of its own', () => {
    const pair = z
      .object({ FROM: integer(), TO: integer() })
      .refine(({ FROM, TO }) => FROM <= TO, 'FROM must not be above TO');
    expect(faultsOf({ FROM: '2', TO: '1' }, pair).message).toBe(
      'The settings have 1 fault:\n  FROM must not be above TO',
    );
  });
});

test('describeConfig gives name, meaning, default as typed, required and secret', () => {
  const described = Object.fromEntries(describeConfig(schema).map((setting) => [setting.name, setting]));
  expect(described.DRAIN_TIMEOUT).toMatchObject({ default: '25s', required: false, secret: false });
  expect(described.NATS_URL).toMatchObject({ description: 'the broker', default: undefined, required: true });
  expect(described.SMTP_PASSWORD).toMatchObject({ required: false, secret: true });
  expect(described.DRY_RUN).toMatchObject({ default: 'false', required: false });
});

test('describeConfig lists the accepted values of an enum, also inside a list', () => {
  const engine = z.enum(['neural', 'standard']);
  const settings = z.object({
    ENGINE: engine.prefault('neural'),
    ENGINES: list(engine).optional(),
    NAME: z.string(),
  });
  expect(describeConfig(settings).map(({ values }) => values)).toEqual([
    ['neural', 'standard'],
    ['neural', 'standard'],
    [],
  ]);
});

test('a secret stays secret inside optional, default, pipe and description', () => {
  const shared = z.string();
  const marks = {
    A: secret(shared),
    B: secret(z.string()).describe('b').optional(),
    C: secret(z.string()).pipe(z.string()).default('c'),
    D: secret(z.string().describe('kept').optional()),
    E: shared,
  };
  const env = { A: '1', B: '2', C: '3', D: '4', E: '5' };
  expect(secretValues(z.object(marks), env)).toEqual(['1', '2', '3', '4']);
  expect(describeConfig(z.object(marks)).map(({ description }) => description)).toEqual([
    '',
    'b',
    '',
    'kept',
    '',
  ]);
  // A default in the source code is not a secret.
  expect(describeConfig(z.object(marks)).find(({ name }) => name === 'C')?.default).toBe('c');
});

test('configHelp lists every setting with its default', () => {
  const help = configHelp('dispatcher', schema);
  for (const name of Object.keys(schema.shape)) expect(help).toContain(`  ${name} `);
  expect(help).toMatch(/NATS_URL +the broker \(required\)/);
  expect(help).toMatch(/WORKERS +how many at once \(default 4\)/);
  expect(help).toMatch(/SMTP_PASSWORD .*\(secret\)/);
});
