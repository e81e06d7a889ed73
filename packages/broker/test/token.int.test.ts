/** Which clients a broker of ours admits, with a real nats-server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startBroker } from '../src/index.ts';

let storeDir: string;
beforeEach(() => {
  storeDir = mkdtempSync(join(tmpdir(), 'broker-'));
});
afterEach(() => rmSync(storeDir, { recursive: true, force: true }));

/** The server's answer to a client that connects with or without a token. */
async function answerTo(port: number, token?: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, auth_token: token })}\r\nPING\r\n`);
  for await (const text of socket) {
    const answer = /^(?:PONG|-ERR .*)$/m.exec(String(text).replaceAll('\r', ''))?.[0];
    if (answer !== undefined) return answer;
  }
  return 'nothing';
}

const REFUSED = "-ERR 'Authorization Violation'";

test('admits only clients with the token that its address contains', async () => {
  await using broker = await startBroker({ storeDir });
  const { token, port, url } = broker;
  expect(url).toMatch(new RegExp(`^nats://[0-9a-f]{64}@127.0.0.1:${port}$`));
  expect(await answerTo(port)).toBe(REFUSED);
  expect(await answerTo(port, '0'.repeat(64))).toBe(REFUSED);
  expect(await answerTo(port, String(token))).toBe('PONG');
});

test('the token is only in its configuration file, which only its user can read', async () => {
  const config = join(storeDir, 'nats-server.conf');
  writeFileSync(config, 'listen: 127.0.0.1:4222\n', { mode: 0o644 });
  const broker = await startBroker({ storeDir });
  await answerTo(broker.port);
  await answerTo(broker.port, String(broker.token));
  expect(statSync(config).mode & 0o777).toBe(0o600);
  await broker.stop();
  const entries = readdirSync(storeDir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(files).toContain(join(storeDir, 'nats-server.log'));
  expect(files.filter((path) => readFileSync(path, 'latin1').includes(String(broker.token)))).toEqual([
    config,
  ]);
});

test('each start gets its own token, unless one is given or every client is admitted', async () => {
  const tokens: (string | false)[] = [];
  for (const given of [{}, {}, { token: 'given' }, { token: false as const }]) {
    await using broker = await startBroker({ storeDir, ...given });
    expect(await answerTo(broker.port, broker.token || undefined)).toBe('PONG');
    tokens.push(broker.token);
  }
  expect(new Set(tokens).size).toBe(4);
  expect(tokens.slice(2)).toEqual(['given', false]);
});
