import { describe, expect, test } from 'vitest';
import {
  cancelled,
  completed,
  completedWithFailures,
  problem,
  rejected,
  SET_ID,
  stalled,
  unstalled,
} from '../../test/set-events.ts';
import { contentOf } from '../domain/messages/content.ts';
import { MAY_BE_EMPTY } from '../domain/messages/variables.ts';
import { kindOf, type NotableEvent } from '../domain/notice-kind.ts';
import { openWording } from './templates.ts';

const wording = openWording();
const messageOf = (event: NotableEvent) => wording.mailOf(wording.letterAbout(event));

const firstLine = (text: string): string | undefined => text.split('\n')[0];
const nameIs = (name: string) => ({ name, location: '/out', notify: [] });

describe('a completed set', () => {
  test('opens with the reference’s sentence, word for word', () => {
    expect(firstLine(messageOf(completed()).text)).toBe(
      'Your Amazon Polly batch set moby-dick (Moby Dick by Herman Melville) completed with 6 successful tasks and 0 failures. The requested files are in /srv/setlist/outbox/moby-dick/.',
    );
  });

  test('has no parentheses if the set has no description', () => {
    expect(firstLine(messageOf(completed({ set: nameIs('moby-dick') })).text)).toBe(
      'Your Amazon Polly batch set moby-dick completed with 6 successful tasks and 0 failures. The requested files are in /out/.',
    );
  });

  test('gives counts, money and time in both parts', () => {
    const { text, html } = messageOf(completed());
    expect(text).toContain('Progress: 6 of 6 items completed (4 paid for, 2 reused)');
    for (const part of [text, html]) {
      expect(part).toContain('$0.02 for 1,234 billed characters');
      expect(part).toContain('$0.0046 by reusing what was already paid for');
      expect(part).toContain('12 min 3 s, from 2026-11-22 20:50:12 UTC to 2026-11-22 21:02:15 UTC');
      expect(part).toContain(`setlist status ${SET_ID}`);
    }
    expect(html.replaceAll(/<[^>]+>/g, '')).toContain('4 paid for');
    expect(text).not.toContain('recovered');
  });

  test.each([
    [0, '0'],
    // What the local engine speaks counts as billed, at no price.
    [201, '0.00'],
  ])(
    'says so if nothing was paid, and claims no saving: %i characters for $%s',
    (billedCharacters, costUsd) => {
      const { text } = messageOf(completed({ billedCharacters, costUsd, savedUsd: '0.00' }));
      expect(text).toMatch(/^Cost: +Nothing was paid$/m);
      expect(text).not.toContain('Saved');
    },
  );

  test.each([
    [1, 'Setlist: moby-dick completed, 1 item', '1 billed character\n'],
    [2, 'Setlist: moby-dick completed, 2 items', '2 billed characters\n'],
  ])('uses singular and plural correctly for %i', (n, subject, characters) => {
    const counts = { total: n, completed: n, failed: 0, paid: n, reused: 0, recovered: 0 };
    const message = messageOf(completed({ counts, billedCharacters: n }));
    expect(message.subject).toBe(subject);
    expect(message.text).toContain(characters);
  });

  test('names its round from the second on', () => {
    expect(messageOf(completed({ round: 2 })).subject).toBe('Setlist: moby-dick completed, round 2, 6 items');
  });
});

describe('a set completed with failures', () => {
  test('lists them with reason and remedy, says how many there are, and what to do', () => {
    const { subject, text, html } = messageOf(completedWithFailures());
    expect(subject).toBe('Setlist: moby-dick completed, 3 of 6 items failed');
    expect(text).toContain('completed with 3 successful tasks and 3 failures.');
    expect(text).toContain('The first 2 of 3 failed items:');
    expect(text).toContain(
      '  item 5, moby-dick/item-000005-the-carpet-bag.mp3: the text is too long (split it)\n',
    );
    expect(text).toContain(`setlist status ${SET_ID} --failed`);
    expect(html).toContain('Completed with 3 failures');
    expect(html).toContain('the text is too long');
  });

  test('escapes words of users and of Polly', () => {
    const { html } = messageOf(
      completedWithFailures({ set: nameIs('<script>alert("x")</script> & \'co\'') }),
    );
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;');
    expect(html).toContain('&lt;amazon:effect name=&quot;whispered&quot;&gt; &amp; its content');
    expect(html).not.toMatch(/<script|<amazon/);
  });

  test('says so if nothing succeeded', () => {
    const counts = { total: 1, completed: 0, failed: 1, paid: 0, reused: 0, recovered: 0 };
    const { subject, html } = messageOf(completedWithFailures({ counts, failures: [] }));
    expect(subject).toBe('Setlist: moby-dick completed, 1 of 1 item failed');
    expect(html).toContain('Every item failed');
  });
});

describe('words of users', () => {
  test('can’t add a line or a header, or change the text direction', () => {
    const { subject, text, html } = messageOf(
      completed({ set: nameIs('a\r\nBcc: x@example.com\u202egnp.exe\u0007') }),
    );
    expect(subject).toBe('Setlist: a Bcc: x@example.com\ufffdgnp.exe\ufffd completed, 6 items');
    expect(firstLine(text)).toMatch(
      /^Your Amazon Polly batch set a Bcc: .* The requested files are in \/out\/\.$/,
    );
    for (const sign of ['\u202e', '\u0007']) expect(html).not.toContain(sign);
  });

  test('in a right-to-left language are unchanged, and isolated from the text around them', () => {
    const { text, html } = messageOf(completed({ set: nameIs('שלום') }));
    expect(text).toContain('batch set שלום completed');
    expect(html).toContain('<bdi>שלום</bdi>');
  });

  test('do not make a subject too long for a header', () => {
    expect([...messageOf(completed({ set: nameIs('x'.repeat(5_000)) })).subject]).toHaveLength(200);
  });
});

test('only the variables with which templates are tried empty are ever empty', () => {
  const bare = { set: nameIs('moby-dick'), why: undefined };
  const money = { billedCharacters: 0, savedUsd: '0.00' };
  const events = [
    ...[completed({ ...bare, ...money }), completedWithFailures({ ...bare, ...money, failures: [] })],
    ...[stalled(bare), unstalled(bare), cancelled(bare), rejected({ name: undefined })],
  ];
  for (const event of events) {
    const { variables } = contentOf(event, {});
    const empty = Object.keys(variables).filter((name) => variables[name] === '');
    expect(MAY_BE_EMPTY[kindOf(event)]).toEqual(expect.arrayContaining(empty));
  }
});

test('no message fetches anything', () => {
  for (const event of [completedWithFailures(), stalled(), unstalled(), cancelled(), rejected()]) {
    expect(messageOf(event).html).not.toMatch(/\bsrc=|\bhref=|url\(|@import|<link|<img/);
  }
});

describe('a stalled set', () => {
  test('has the reference’s sentence, word for word, and says how to find the cause', () => {
    const { subject, text } = messageOf(stalled());
    expect(firstLine(text)).toBe(
      'There is a problem with your Polly batch set moby-dick (Moby Dick by Herman Melville). No updates have been made since 2026-11-22 20:02:15 UTC.',
    );
    expect(subject).toBe('Setlist: moby-dick has stalled, 2 items waiting');
    expect(text).toContain('4 of 6 items completed (2 paid for, 2 reused, 2 waiting)');
    expect(text).toContain('1 h without an update');
    // `status` shows how far a set is, but not what it waits for: only the logs say that.
    expect(text).toContain(`See how far the set got:\n    setlist status ${SET_ID}\n`);
    expect(text.indexOf('the dispatchers’ logs')).toBeLessThan(text.indexOf('setlist status'));
    expect(text).toContain('setlist doctor');
  });

  test('is announced again when it moves', () => {
    const { subject, text } = messageOf(unstalled());
    expect(subject).toBe('Setlist: moby-dick is moving again, 5 of 6 items completed');
    expect(firstLine(text)).toBe(
      'Your Amazon Polly batch set moby-dick is moving again. It had not moved since 2026-11-22 20:02:15 UTC.',
    );
  });
});

describe.each([
  ['stalled', stalled],
  ['moving', unstalled],
  ['cancelled', cancelled],
])('a set that is %s', (_, happened) => {
  test.each([
    [{ billedCharacters: 1_234, costUsd: '0.019744' }, '$0.02 for 1,234 billed characters'],
    [{ billedCharacters: 0, costUsd: '0.00' }, 'Nothing was paid yet'],
    [{ billedCharacters: 201, costUsd: '0.00' }, 'Nothing was paid yet'],
  ])('says what it has cost so far: %j', (money, words) => {
    const { text, html } = messageOf(happened(money));
    expect(text).toMatch(new RegExp(`^Cost so far: +${words.replace('$', '\\$')}$`, 'm'));
    expect(html).toContain(words);
  });

  test('claims no cost if an earlier tracker reported none', () => {
    expect(messageOf(happened()).text).not.toContain('Cost');
  });
});

test('a cancelled set says who cancelled it and why', () => {
  const { subject, text } = messageOf(cancelled());
  expect(subject).toBe('Setlist: moby-dick was cancelled, 6 of 6 items completed');
  expect(text).toContain('was cancelled by jane.');
  expect(text).toContain('the wrong voice');
});

test('a set that completed carries the seal of its log, and how to check it', () => {
  const { text } = messageOf(completed());
  expect(text).toContain(`${'a'.repeat(64)} over 14 events of the log`);
  // The chain alone proves nothing, since someone who rewrites a log recomputes it. The head in the message does.
  expect(text).toContain(`setlist audit verify --set ${SET_ID} --head ${'a'.repeat(64)}\n`);
});

describe('a link to the console', () => {
  const linked = openWording({ consoleUrl: 'https://console.example.com/a/' });
  const overBudget = rejected({ problems: [{ ...problem(1), code: 'over-budget' }], problemCount: 1 });
  const accepted = [completed(), completedWithFailures(), stalled(), unstalled(), cancelled()];
  test('is in every message if the console has an address', () => {
    const url = `https://console.example.com/a/sets/${SET_ID}`;
    for (const event of [...accepted, rejected(), overBudget]) {
      const { text, html } = linked.mailOf(linked.letterAbout(event));
      expect(text).toContain(`Open in the console: ${url}\n`);
      expect(html).toContain(`href="${url}"`);
    }
  });

  test('is missing if it has none', () => {
    for (const event of [completed(), rejected()]) expect(messageOf(event).html).not.toContain('href');
  });
});

test('the commands about a set name the broker if its address is set', () => {
  const commandsOf = (said: ReturnType<typeof openWording>): string[] =>
    [completed(), completedWithFailures(), stalled(), unstalled(), cancelled()]
      .flatMap((event) => said.letterAbout(event).next.flatMap(({ command = [] }) => command))
      .filter((line) => /^setlist (?:status|retry|audit verify) /.test(line));
  const elsewhere = commandsOf(openWording({ servers: ['nats://a:4222', 'nats://[::1]:4222'] }));
  expect(elsewhere).toHaveLength(8);
  for (const line of elsewhere) expect(line).toMatch(/ --server 'nats:\/\/a:4222,nats:\/\/\[::1\]:4222'$/);
  expect(commandsOf(wording).join()).not.toContain('--server');
});
