import { afterEach, expect, test, vi } from 'vitest';
import { BrokerNotFetched } from './errors.ts';
import { fetchNatsServer } from './fetch.ts';

afterEach(() => vi.unstubAllEnvs());

test('where there is no apt, says so and how else to get a nats-server', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  const error = await fetchNatsServer().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(BrokerNotFetched);
  expect(String(error)).toMatch(/there is no apt-get here|neither Debian nor Ubuntu/);
  expect(String(error)).toContain('NATS_SERVER_BIN=/path/to/nats-server');
});
