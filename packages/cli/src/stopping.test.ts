import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { listenForStop } from './stopping.ts';
import type { StopSignal } from './surroundings.ts';

let codes: number[];
let nowMs: number;
let signals: EventEmitter;
let stop: ReturnType<typeof listenForStop>;
let arrives: (signal: StopSignal) => void;

beforeEach(() => {
  codes = [];
  nowMs = 5_000;
  signals = new EventEmitter();
  const exit = (code: number) => void codes.push(code) as never;
  stop = listenForStop({ signals, exit }, undefined, () => nowMs);
  arrives = (signal) => void signals.emit(signal, signal);
});

test('a Ctrl-C that npm passes on as well is one request, and the next one ends the process at once', () => {
  arrives('SIGINT');
  arrives('SIGINT');
  expect(stop.signal.reason).toMatchObject({ exitCode: 130 });
  expect(codes).toEqual([]);
  nowMs += 1_000;
  arrives('SIGINT');
  expect(codes).toEqual([130]);
});

test('SIGTERM with SIGHUP right behind it, as systemd ends a login session, is one request', () => {
  arrives('SIGTERM');
  arrives('SIGHUP');
  expect(stop.signal.reason).toMatchObject({ exitCode: 143 });
  expect(codes).toEqual([]);
  nowMs += 1_000;
  arrives('SIGINT');
  expect(codes).toEqual([130]);
});

test.each(['SIGINT', 'EPIPE'] as const)(
  'once %s has stopped a command, a copy of Ctrl-C never ends the process without its exit handlers',
  (signal) => {
    arrives(signal);
    stop[Symbol.dispose]();
    expect(signals.emit('SIGINT', 'SIGINT')).toBe(true);
    nowMs += 1_000;
    arrives('SIGINT');
    expect(codes).toEqual([130]);
  },
);

test('a command that nothing has stopped listens to no signal after its end', () => {
  stop[Symbol.dispose]();
  expect(signals.emit('SIGINT', 'SIGINT')).toBe(false);
});

test('a reader that goes never ends the process at once', () => {
  arrives('EPIPE');
  arrives('SIGINT');
  nowMs += 1_000;
  arrives('EPIPE');
  expect(stop.signal.reason).toMatchObject({ exitCode: 141 });
  expect(codes).toEqual([]);
});
