import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openTerminal } from './terminal.ts';

const TITLE = '\u001b]0;gone\u0007';

/** Collects what a terminal with colours, or a stream without them, receives. */
function written(isTTY: boolean) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()].map((stream) =>
    Object.assign(stream, { isTTY, columns: 80 }),
  );
  const terminal = openTerminal({ stdout: stdout as never, stderr: stderr as never, env: { TERM: 'xterm' } });
  const text = (): string => [stdout, stderr].map((stream) => String(stream?.read() ?? '')).join('');
  return { terminal, text };
}

test.each([true, false])('text from others can not steer the terminal (is one: %s)', (isTTY) => {
  const { terminal, text } = written(isTTY);
  terminal.print(`a ${TITLE}\r\u009b2J\u202eb\tc\nd`);
  terminal.say(`said ${TITLE}`);
  expect(text()).toBe('a \\u001b]0;gone\\u0007\\u000d\\u009b2J\\u202eb\tc\nd\nsaid \\u001b]0;gone\\u0007\n');
});

test('passes only its own colours, and none if the stream shows none', () => {
  for (const [isTTY, shown] of [
    [true, '\u001b[31mred\u001b[39m'],
    [false, '\\u001b[31mred\\u001b[39m'],
  ] as const) {
    const { terminal, text } = written(isTTY);
    terminal.print(terminal.paint.red('own'));
    terminal.print('\u001b[31mred\u001b[39m');
    expect(text()).toBe(`${isTTY ? '\u001b[31mown\u001b[39m' : 'own'}\n${shown}\n`);
  }
});

test('a live line takes one row of the terminal, however long it is', () => {
  const { terminal, text } = written(true);
  terminal.show([terminal.paintSaid.red('x'.repeat(100))]);
  expect(text()).toContain(`\u001b[31m${'x'.repeat(79)}…\u001b[39m\n`);
  terminal.clear();
});

test('a line of JSON keeps its meaning', () => {
  const { terminal, text } = written(true);
  const value = { name: `x ${TITLE}\u009b\u2028\u202e` };
  terminal.print(JSON.stringify(value));
  expect(JSON.parse(text())).toEqual(value);
});
