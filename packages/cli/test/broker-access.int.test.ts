/** The files for a broker elsewhere: every command with `--server` presents them, and no command without it. */
import { join } from 'node:path';
import { openEventLog } from '@setlist/eventlog';
import { startBareNats, startNats } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { place, setOf } from './cli.ts';

/** Made for this test. */
const USER = {
  nkey: 'UCCUHHPPNCONFTPRHXHUPT3J7I7WEL5GUBNAVH4SWZYMPDSS2ZHV4Q4P',
  seed: 'SUABL2BZJBHISDC2JSF56FPN56F2TFIBJZKEBDMLZ6IJXN6L2F4DKQ2AP4',
} as const;

test('commands with --server present the NKey that NATS_NKEY names, and refuse a broker without a log', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  const store = JSON.stringify(join(here.path, 'broker'));
  const config = `authorization { users: [ { nkey: ${USER.nkey} } ] }\njetstream { store_dir: ${store} }\n`;
  await using nats = await startBareNats(['--config', await here.write('nats.conf', config)]);
  await using other = await startNats();
  // They wait for a log meanwhile.
  const mistyped = [['status'], ['audit', 'backup', 'empty']].map((command) =>
    here.run([...command, '--server', other.url]),
  );
  const server = ['--server', `nats://${nats.address}`];
  const env = { NATS_NKEY: await here.write('user.nk', USER.seed) };

  const refused = await here.run(['status', ...server]);
  expect(refused.code).toBe(3);
  expect(refused.lines.join('\n')).toContain('NATS_NKEY');
  {
    await using _ = await openEventLog({ servers: `nats://${nats.address}`, access: env, name: 'a service' });
  }
  for (const command of [
    ['status'],
    ['plan', 'a.yml', '--store', 'store'],
    ['gc', '--store', 'store', '--unused-for', '1d'],
    ['audit', 'backup', 'copy'],
    ['audit', 'restore', 'copy'],
  ]) {
    const { code, lines } = await here.run([...command, ...server], env);
    expect({ command, code, lines }).toMatchObject({ code: 0 });
  }
  const unknown = await here.run(['pause', 'a', ...server], env);
  expect(unknown.lines.join('\n')).toContain('no set');
  for (const { code, lines } of await Promise.all(mistyped)) {
    expect(code).toBe(3);
    expect(lines.join('\n')).toContain('no log on the broker at');
  }
});

test('a set is steered on this machine although the environment names an authority for a broker elsewhere', async () => {
  await using here = await place();
  await here.write('a.yml', setOf('a', 1));
  expect((await here.run(['run', 'a.yml', '--no-console'])).code).toBe(0);
  const NATS_CA = await here.write('ca.pem', '');
  const { code, lines } = await here.run(['pause', 'a'], { NATS_CA });
  expect({ code, lines }).toMatchObject({ code: 2 });
  expect(lines.join('\n')).toContain('completed');
});
