/** What becomes of a system whose broker goes for good before all of it has started. */
import { chmod } from 'node:fs/promises';
import { findNatsServer } from '@setlist/broker';
import { expect, test, vi } from 'vitest';
import { EXIT } from '../src/exit-codes.ts';
import { explain } from '../src/failure.ts';
import { dataFolder } from '../src/system/folder/data-folder.ts';
import { startSystem } from '../src/system/start-system.ts';
import { childrenOf, place, processesWith } from './cli.ts';

test('a broker that dies for good while the system starts is an error, and leaves nothing running', async () => {
  await using here = await place();
  const { path } = await findNatsServer();
  const first = `[ "$1" = --version ] || mkdir '${here.path}/begun' || exit 1`;
  const server = await here.write('nats', `#!/bin/sh\n${first}\nexec '${path}' "$@"\n`);
  await chmod(server, 0o755);
  vi.stubEnv('NATS_SERVER_BIN', server);
  const data = dataFolder('.setlist', here.path);
  const { note } = data;
  const starting = startSystem(
    {
      provider: 'local',
      compat: false,
      output: here.path,
      inboxes: [data.inbox],
      quotas: 'off',
      region: undefined,
      taskBucket: undefined,
      console: { port: 0 },
    },
    {
      data: {
        ...data,
        // Looked at once the services have started, and before the console reads the log.
        get note() {
          for (const broker of childrenOf(process.pid, here.path)) {
            if (childrenOf(process.pid, 'nats-server').includes(broker)) process.kill(broker, 'SIGKILL');
          }
          return note;
        },
      },
      env: { ...process.env, ENGINE: 'instant', SMTP_URL: undefined },
      command: 'setlist up',
      signal: new AbortController().signal,
      stays: true,
      tell: () => undefined,
    },
  );
  const failure = await starting.catch((error: unknown) => error);
  expect(explain(failure)).toMatchObject({
    exitCode: EXIT.missing,
    message: expect.stringContaining('did not come up'),
  });
  expect(processesWith(here.path)).toEqual([]);
});
