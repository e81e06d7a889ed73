/** A tracker that finds no broker says where it looked. */
import { fileURLToPath } from 'node:url';
import { startProcess } from '@setlist/testkit';
import { expect, test } from 'vitest';

const TRACKER = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test.concurrent.each(['nats://127.0.0.1:9', 'nats://tok@127.0.0.1:9'])(
  'without a broker at %s, the log names host and port, but not the token',
  async (NATS_URL) => {
    await using tracker = await startProcess({ name: 'tracker', entry: TRACKER, env: { NATS_URL } });
    expect(await tracker.exited).toMatchObject({ code: 3 });
    const log = tracker.lines.join('\n');
    expect(log).toContain('set NATS_URL to where it listens (now nats://127.0.0.1:9)');
    expect(log).not.toContain('tok@');
  },
);
