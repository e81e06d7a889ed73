/** One message to one channel, on a real log: when it is tried, and when not. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { eventually } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { smtpChannel } from '../src/adapters/smtp-channel.ts';
import { ChannelGate } from '../src/channel-gate.ts';
import { type Delivery, deliver, type GatedChannel } from '../src/deliver.ts';
import { type Channel, type Notice, noticeKey, type Outcome } from '../src/domain/channel.ts';
import { kindOf } from '../src/domain/notice-kind.ts';
import { openWording } from '../src/templating/templates.ts';
import { type Harness, startHarness } from './harness.ts';
import { accepting, scriptedSmtp } from './scripted-smtp.ts';
import { completed, setIdOf } from './set-events.ts';

const retry = { baseMs: 100, capMs: 400, forMs: 86_400_000 };
const graceMs = 1_000;
const random = () => 0;
const entries: Record<string, unknown>[] = [];
const destination = { write: (line: string) => void entries.push(JSON.parse(line)) };
const logger = createLogger({ service: 'notifier', level: 'warn', pretty: false, destination });
const wording = openWording();

let world: Harness;
let nowMs: number;

beforeEach(async () => {
  nowMs = 0;
  entries.length = 0;
  world = await startHarness();
});
afterEach(() => world[Symbol.asyncDispose]());

/** A channel with its own gate, on the test's clock. */
function gated(channel: Channel, restRandom = random): GatedChannel {
  const { perSecond } = channel;
  const now = () => nowMs;
  const onChange = () => undefined;
  const gate = new ChannelGate({
    ...{ ...retry, graceMs, perSecond, random: restRandom, now },
    ...{ onDown: onChange, onUp: onChange },
  });
  return { channel, gate };
}

function noticeOf(n: number, storedAt = new Date()): Notice {
  const event = completed({ setId: setIdOf(n) });
  const letter = wording.letterAbout(event);
  return { key: noticeKey(event.id), kind: kindOf(event), event, seq: n, storedAt, letter };
}

const handedOut = (
  to: GatedChannel,
  n: number,
  { log = world.log, times = 1, storedAt }: { log?: EventLog; times?: number; storedAt?: Date } = {},
): Promise<Delivery> => {
  const how = { times, isCurrent: async () => true, signal: new AbortController().signal };
  return deliver(noticeOf(n, storedAt), to, how, { log, logger, retry, random });
};

test('a message whose turn is far off keeps its place, however often its event is handed out for another', async () => {
  const slow = gated({
    name: 'slow',
    recipient: 'somebody',
    perSecond: 0.1,
    deliver: async () => ({ kind: 'sent' }),
  });
  expect(await handedOut(slow, 1)).toEqual({ settled: true });
  for (const _ of [1, 2, 3]) {
    expect(await handedOut(slow, 2)).toEqual({ settled: false, retryInMs: 10_000 });
  }
  expect(await handedOut(slow, 3)).toEqual({ settled: false, retryInMs: 20_000 });
  nowMs = 10_000;
  expect(await handedOut(slow, 2)).toEqual({ settled: true });
});

test('a message that its channel puts off is not tried before then, however often its event is handed out', async () => {
  let tries = 0;
  const reason = { code: 'busy', message: 'is busy', remedy: 'wait' };
  const busy = gated({
    name: 'busy',
    recipient: 'somebody',
    deliver: async () => {
      tries++;
      return { kind: 'later', reason, retryAfterMs: 1_000 };
    },
  });
  expect(await handedOut(busy, 1)).toEqual({ settled: false, retryInMs: 1_000 });
  nowMs = 400;
  expect(await handedOut(busy, 1)).toEqual({ settled: false, retryInMs: 600 });
  expect(tries).toBe(1);
  nowMs = 1_000;
  expect(await handedOut(busy, 1)).toEqual({ settled: false, retryInMs: 1_000 });
  expect(tries).toBe(2);
});

test('the log says why a message is put off: at its first try, and again only if the reason changes', async () => {
  const codes = ['http-500', 'http-500', 'http-500', 'http-502'];
  const hook = gated({
    name: 'hook',
    recipient: 'https://hooks.example.com/***',
    deliver: async () => {
      const code = codes.shift() ?? '';
      return { kind: 'later', reason: { code, message: `answered ${code}`, remedy: 'wait' } };
    },
  });
  while (codes.length > 0) {
    await handedOut(hook, 1);
    nowMs += retry.capMs;
  }
  const { event } = noticeOf(1);
  const about = { level: 'warn', channel: 'hook', cause: event.id, set: event.setId, remedy: 'wait' };
  expect(entries).toMatchObject([
    { ...about, event: 'put-off', code: 'http-500', recipient: 'https://hooks.example.com/***', tries: 1 },
    { ...about, event: 'put-off', code: 'http-502', tries: 4 },
  ]);
});

test('a message that another replica sends while it waits for its place is not sent again', async () => {
  const release = Promise.withResolvers<void>();
  const sent: string[] = [];
  const holding = gated({
    name: 'pager',
    recipient: 'somebody',
    deliver: async ({ key }) => {
      sent.push(key);
      await release.promise;
      return { kind: 'sent' };
    },
  });
  const ALL = [1, 2, 3, 4, 5, 6, 7];
  // Five are in flight at a time.
  const all = ALL.map((n) => handedOut(holding, n));
  await eventually(() => sent.length === 5);
  const replica = gated({ name: 'pager', recipient: 'somebody', deliver: async () => ({ kind: 'sent' }) });
  const [elsewhere = 0] = ALL.filter((n) => !sent.includes(noticeOf(n).key));
  await handedOut(replica, elsewhere);
  release.resolve();
  expect(await Promise.all(all)).toEqual(ALL.map(() => ({ settled: true })));
  expect(sent).toHaveLength(6);
  expect(sent).not.toContain(noticeOf(elsewhere).key);
});

test('a message is not sent again because the node that is asked does not have its note yet', async () => {
  let sent = 0;
  const pager = gated({
    name: 'pager',
    recipient: 'somebody',
    deliver: async () => {
      sent++;
      return { kind: 'sent' };
    },
  });
  const lagging: EventLog = { ...world.log, last: async () => undefined };
  expect(await handedOut(pager, 1, { log: lagging })).toEqual({ settled: true });
  expect(await handedOut(pager, 1, { log: lagging })).toEqual({ settled: true });
  expect(sent).toBe(1);
});

test('a message that another replica is sending is not sent again before that one had time to note it', async () => {
  let sent = 0;
  const answer = Promise.withResolvers<Outcome>();
  const replica = () =>
    gated({
      name: 'pager',
      recipient: 'somebody',
      deliver: () => {
        sent++;
        return answer.promise;
      },
    });
  const [first, second] = [replica(), replica()];
  const sending = handedOut(first, 1);
  await eventually(() => sent === 1);
  // The broker was away for longer than ACK_WAIT.
  expect(await handedOut(second, 1, { times: 2 })).toEqual({ settled: false, retryInMs: graceMs });
  answer.resolve({ kind: 'sent' });
  expect(await sending).toEqual({ settled: true });
  nowMs = graceMs;
  expect(await handedOut(second, 1, { times: 3 })).toEqual({ settled: true });
  expect(sent).toBe(1);
});

test('of two replicas that send a message at once, one notes it, and the other warns that a repeat may have gone out', async () => {
  const both = Promise.withResolvers<void>();
  let sent = 0;
  const replica = () =>
    gated({
      name: 'pager',
      recipient: 'somebody',
      deliver: async () => {
        if (++sent === 2) both.resolve();
        await both.promise;
        return { kind: 'sent' };
      },
    });
  const deliveries = await Promise.all([handedOut(replica(), 1), handedOut(replica(), 1)]);
  expect(deliveries).toEqual([{ settled: true }, { settled: true }]);
  const { event } = noticeOf(1);
  const notes = world.log.read({ subjects: [subjects.notice(event.setId, event.id, 'pager')] });
  expect((await Array.fromAsync(notes)).map((note) => note.event?.name)).toEqual(['NotificationSent']);
  expect(entries).toMatchObject([
    { event: 'noted-before', channel: 'pager', cause: event.id, set: event.setId },
  ]);
});

test.each([1, 2])(
  'two mails that are given up after the server died each name only their own recipients, whichever of them found out: mail %i',
  async (tried) => {
    await using server = await scriptedSmtp((command) => {
      if (command.startsWith('RCPT TO:<slow@')) return '451 Greylisted';
      if (command.startsWith('RCPT TO:<gone@')) return '550 No such user';
      return accepting(command);
    });
    await server.open();
    const to = ['jane@example.com', 'slow@example.com', 'gone@example.com'];
    const from = 'setlist@example.com';
    const channel = smtpChannel({
      name: 'mail',
      wording: wording.mailOf,
      url: server.url,
      timeoutMs: 60_000,
      from,
      to,
    });
    const mail = gated(channel, () => 1);
    expect(await handedOut(mail, 1)).toEqual({ settled: false, retryInMs: 0 });
    await server.close();
    expect(await handedOut(mail, tried)).toMatchObject({ settled: false });
    const storedAt = new Date(Date.now() - 2 * retry.forMs);
    for (const n of [1, 2]) expect(await handedOut(mail, n, { storedAt })).toEqual({ settled: true });
    const [first, second] = await Promise.all(
      [1, 2].map((n) => world.noteOf(completed({ setId: setIdOf(n) }), 'mail')),
    );
    const others = 'j***@example.com got it; g***@example.com: The mail server refused it: 550 No such user';
    expect(first).toMatchObject({ name: 'NotificationFailed', data: { code: 'smtp-unreachable' } });
    expect(first?.data).toHaveProperty('message', expect.stringContaining(` (${others})`));
    expect(second).toMatchObject({ name: 'NotificationFailed', data: { code: 'smtp-unreachable' } });
    expect(second?.data).toHaveProperty('message', expect.not.stringContaining('@example.com'));
  },
);
