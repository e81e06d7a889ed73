import { describe, expect, test } from 'vitest';
import { COMMANDS, type Command, commandAnswer, VERBS } from './commands.ts';

const SET_ID = 'moby-dick-20260105t090000-k3f9q2';
const by = { setId: SET_ID, who: 'jane@desk' };

const commands: readonly Command[] = [
  { verb: 'pause', ...by },
  { verb: 'resume', ...by, why: 'the voice was approved' },
  { verb: 'cancel', ...by },
  { verb: 'prioritize', ...by, priority: 'high' },
  { verb: 'retry', ...by },
  { verb: 'retry', ...by, indexes: [3, 17] },
];

describe('a command', () => {
  test('is parsed unchanged', () => {
    for (const command of commands) expect(COMMANDS[command.verb].parse(command)).toEqual(command);
    expect(new Set(commands.map(({ verb }) => verb))).toEqual(new Set(VERBS));
  });

  test.each([
    ['without "who"', { verb: 'pause', setId: SET_ID }],
    ['with a blank "who"', { verb: 'pause', setId: SET_ID, who: ' ' }],
    ['for all sets at once', { verb: 'cancel', ...by, setId: '*' }],
    ['for a subject of several tokens', { verb: 'cancel', ...by, setId: 'a.state' }],
    ['for an unknown priority', { verb: 'prioritize', ...by, priority: 'urgent' }],
    ['that names an item twice', { verb: 'retry', ...by, indexes: [3, 3] }],
    ['with an empty list of items', { verb: 'retry', ...by, indexes: [] }],
  ] as const)('%s is refused', (_, command) => {
    expect(COMMANDS[command.verb].safeParse(command).success).toBe(false);
  });

  test('is refused in the place of another', () => {
    expect(COMMANDS.pause.safeParse({ verb: 'cancel', ...by }).success).toBe(false);
  });
});

test('an answer names an event, or a reason with a remedy', () => {
  const done = { ok: true, setId: SET_ID, did: 'SetPaused', seq: 12, already: false };
  expect(commandAnswer.parse(done)).toEqual(done);
  expect(commandAnswer.safeParse({ ...done, did: 'SetForgotten' }).success).toBe(false);
  expect(commandAnswer.safeParse({ ok: false, code: 'unknown-set', message: 'No.' }).success).toBe(false);
});
