/** Leases on a real broker that stops answering. */
import { dropLeaseKey } from '@setlist/contracts';
import { openEventLog } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import { eventually, startNats } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { Leases } from './leases.ts';

const LEASE_MS = 600;
const HELD = { run: '20261122t205012-k3f9q2', fileName: 'act.yml' };

test('logs once that the broker doesn’t answer a renewal, and a release doesn’t wait for it', async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const logged: object[] = [];
  const logger = { warn: (entry: object) => void logged.push(entry) } as unknown as Logger;
  let renewals = 0;
  const coordination: typeof log.coordination = {
    ...log.coordination,
    replace: (...write) => {
      renewals += 1;
      return log.coordination.replace(...write);
    },
  };
  await using leases = new Leases({ log: { ...log, coordination }, logger, leaseMs: LEASE_MS });
  const held = await leases.hold('act', HELD);
  // On a busy machine, the log may say that the lease itself took long.
  logged.length = 0;
  nats.freeze();
  try {
    await eventually(() => logged.length > 0);
    const [sent, since] = [renewals, performance.now()];
    await eventually(() => performance.now() > since + LEASE_MS);
    expect(renewals).toBe(sent);
    expect(logged).toMatchObject([{ event: 'claim-not-renewed', run: HELD.run, file: 'act.yml' }]);
    await held?.[Symbol.asyncDispose]();
  } finally {
    nats.thaw();
  }
  const current = () => log.coordination.get(dropLeaseKey('act'));
  await eventually(async () => (await current()) === undefined);
  await using _again = await leases.hold('act', HELD);
  await log.coordination.delete(dropLeaseKey('act'), ((await current())?.revision ?? 0) - 1);
  expect(await current()).toBeDefined();
});

test('logs once, with what to do, that a file waits while the broker doesn’t answer, and holds it afterwards', async () => {
  await using nats = await startNats();
  await using log = await openEventLog({ servers: nats.url, name: 'test' });
  const logged: object[] = [];
  const logger = { warn: (entry: object) => void logged.push(entry) } as unknown as Logger;
  await using leases = new Leases({ log, logger, leaseMs: LEASE_MS });
  nats.freeze();
  const holding = leases.hold('act', HELD);
  try {
    await eventually(() => logged.length > 0);
    const since = performance.now();
    await eventually(() => performance.now() > since + LEASE_MS);
    const remedy = expect.stringContaining('Check that the broker is running');
    expect(logged).toMatchObject([{ event: 'set-file-waits', run: HELD.run, file: 'act.yml', remedy }]);
  } finally {
    nats.thaw();
  }
  await using held = await holding;
  expect(held).toBeDefined();
});
