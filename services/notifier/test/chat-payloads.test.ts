/** Checks chat messages against the vendors' limits, and against what users' words could do in them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownBlock } from '@slack/types';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { discordMessage } from '../src/domain/chat/discord-message.ts';
import { type SlackMessage, slackMessage } from '../src/domain/chat/slack-message.ts';
import { teamsMessage } from '../src/domain/chat/teams-message.ts';
import type { Letter } from '../src/domain/messages/letter.ts';
import type { NotableEvent } from '../src/domain/notice-kind.ts';
import { openWording } from '../src/templating/templates.ts';
import {
  cancelled,
  completed,
  completedWithFailures,
  problem,
  rejected,
  SET_ID,
  stalled,
  unstalled,
} from './set-events.ts';

const wording = openWording({ consoleUrl: 'https://console.example.com' });
const ajv = new Ajv({ allErrors: true, discriminator: true, strict: true, strictRequired: false });
const schemaOf = (chat: string) =>
  ajv.compile(JSON.parse(readFileSync(join(import.meta.dirname, `schemas/${chat}-message.json`), 'utf8')));

const CHATS = {
  slack: { message: slackMessage, matches: schemaOf('slack') },
  teams: { message: teamsMessage, matches: schemaOf('teams') },
  discord: { message: discordMessage, matches: schemaOf('discord') },
};
const chats = Object.keys(CHATS) as (keyof typeof CHATS)[];

const LONG = `${'Ünïcödé 🎧 [x](https://evil.example) *b* '.repeat(500)}`;
const longSet = { name: LONG, description: LONG, location: LONG, notify: [] };
const failure = { index: 7, file: LONG, code: 'x', message: LONG, remedy: LONG };
const longProblem = { ...problem(1), message: LONG, remedy: LONG };

const EVENTS: Record<string, NotableEvent> = {
  completed: completed(),
  'completed with failures': completedWithFailures(),
  stalled: stalled(),
  moving: unstalled(),
  cancelled: cancelled(),
  rejected: rejected(),
  'over budget': rejected({ problems: [{ ...problem(1), code: 'over-budget' }], problemCount: 1 }),
  'rejected, a thousand problems': rejected({
    problems: Array.from({ length: 1_000 }, (_, at) => problem(at + 1)),
    problemCount: 1_000,
  }),
  'completed, endless words': completedWithFailures({
    set: longSet,
    failures: Array.from({ length: 20 }, () => failure),
    counts: { total: 99, completed: 79, failed: 20, paid: 79, reused: 0, recovered: 0 },
  }),
  'stalled, endless words': stalled({ set: longSet }),
  'rejected, endless words': rejected({
    name: LONG,
    source: { uri: `file:///${encodeURIComponent(LONG)}`, bytes: 1 },
    problems: Array.from({ length: 50 }, () => longProblem),
    problemCount: 50,
  }),
};

describe.each(chats)('%s', (chat) => {
  const { message, matches } = CHATS[chat];

  test.each(Object.keys(EVENTS))('takes a message about a set that is %s', (name) => {
    const event = EVENTS[name] ?? completed();
    matches(message(wording.letterAbout(event)));
    expect(matches.errors ?? []).toEqual([]);
  });

  test.each(['http://localhost:8581', 'https://setlist', 'http://[::1]:8581'])(
    'takes a link to a console at %s, and shows it',
    (consoleUrl) => {
      const said = message(openWording({ consoleUrl }).letterAbout(completed()));
      matches(said);
      expect(matches.errors ?? []).toEqual([]);
      expect(JSON.stringify(said)).toContain(`${consoleUrl}/sets/${SET_ID}`);
    },
  );

  test('the schema can fail', () => {
    expect(matches({ ...message(wording.letterAbout(completed())), surprise: 1 })).toBe(false);
  });

  test('says what happened, what it cost, what was saved, what to do, where it is, and the seal', () => {
    const said = JSON.stringify(message(wording.letterAbout(completed()))).replaceAll('\\\\', '');
    for (const words of [
      'completed with 6 successful tasks and 0 failures.',
      '$0.02 for 1,234 billed characters',
      '$0.0046 by reusing what was already paid for',
      `setlist status ${SET_ID}`,
      '/srv/setlist/outbox/moby-dick',
      `https://console.example.com/sets/${SET_ID}`,
      'a'.repeat(64),
      'setlist audit verify',
    ]) {
      expect(said).toContain(words);
    }
  });
});

/** Slack's types have no `readonly`. */
type Changeable<T> = T extends object ? { -readonly [K in keyof T]: Changeable<T[K]> } : T;

test('messages fit Slack’s own types', () => {
  const { blocks: ours } = slackMessage(wording.letterAbout(completed()));
  const blocks: readonly KnownBlock[] = ours as Changeable<SlackMessage['blocks']>;
  expect(blocks.map(({ type }) => type)).toContain('header');
});

test.each(Object.entries(EVENTS))('a message about a set that is %s has room in Slack', (_, event) => {
  expect(JSON.stringify(slackMessage(wording.letterAbout(event)).blocks).length).toBeLessThanOrEqual(10_000);
});

test('Slack gets five faults, and fewer only if these are too long together', () => {
  const said = (name: string) =>
    JSON.stringify(slackMessage(wording.letterAbout(EVENTS[name] ?? completed())));
  expect(said('rejected, a thousand problems')).toContain('… and 45 more');
  expect(said('rejected, endless words')).toMatch(/… and 4[678] more/);
});

test.each(Object.entries(EVENTS))('a message about a set that is %s fits Teams’ 28 KB', (_, event) => {
  const bytes = Buffer.byteLength(JSON.stringify(teamsMessage(wording.letterAbout(event))));
  expect(bytes).toBeLessThan(28_000);
});

test.each(Object.entries(EVENTS))(
  'a message about a set that is %s fits Discord’s 6,000 characters',
  (_, event) => {
    const [{ title, description, fields, footer }] = discordMessage(wording.letterAbout(event)).embeds;
    const texts = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])];
    expect(texts.join('').length).toBeLessThanOrEqual(6_000);
  },
);

describe('a set’s name can not', () => {
  const NASTY =
    '@everyone @here <!channel> <!here> <@U024BE7LH> <@&41> [click](https://evil.example) <https://evil.example|bank> **b** _i_ `c` ~s~ ||x|| # h > q & \\[x](y) https://evil.example xhttps://evil.example _https://evil.example';
  const event = completedWithFailures({
    set: { name: NASTY, description: NASTY, location: NASTY, notify: [] },
    failures: [{ index: 1, file: NASTY, code: 'x', message: NASTY, remedy: NASTY }],
  });
  const letter: Letter = wording.letterAbout(event);

  test('ping, format or link anything in Slack: it is in elements without markup', () => {
    const { text, blocks, mrkdwn } = slackMessage(letter);
    expect(text).not.toMatch(/<[!@#h]/);
    expect(mrkdwn).toBe(false);
    const marked = [...objectsIn(blocks)].filter(({ type }) => type === 'mrkdwn');
    expect(marked).toEqual([
      { type: 'mrkdwn', text: `<https://console.example.com/sets/${SET_ID}|Open in the console>` },
    ]);
  });

  test('ping, format or link anything in Teams: it is in text runs, and there are no mentions', () => {
    const [{ content }] = teamsMessage(letter).attachments;
    const texts = [...objectsIn(content.body)].filter(({ text }) => typeof text === 'string');
    expect(texts.length).toBeGreaterThan(10);
    expect(new Set(texts.map(({ type }) => type))).toEqual(new Set(['TextRun']));
    expect(content.msteams).toEqual({ width: 'Full' });
    expect(JSON.stringify(content.body)).not.toContain('https://evil');
  });

  test('ping, format or link anything in Discord: all markup is escaped, and pings are not allowed', () => {
    const message = discordMessage(letter);
    expect(message.allowed_mentions).toEqual({ parse: [] });
    const [{ title, description, fields }] = message.embeds;
    const outsideCode = fields.flatMap(({ name, value }) => [name, value.replace(/^```[^`]*```$/, '')]);
    for (const text of [title, description, ...outsideCode]) {
      expect(text.replaceAll(/\\[^a-z0-9\s]/gi, '')).not.toMatch(/[\\*_~`|[\]<@]|^[#>-]/);
      expect(text).not.toMatch(/https?:\/\//);
    }
  });

  test('end a code block in Discord', () => {
    const inCode = { ...letter, next: [{ what: 'x', command: '``` @everyone' }] };
    const value = discordMessage(inCode).embeds[0].fields.at(-1)?.value ?? '';
    expect(value.match(/`/g)).toHaveLength(6);
  });
});

function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}
