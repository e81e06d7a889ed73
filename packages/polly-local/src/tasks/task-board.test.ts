import { LIMITS } from '@setlist/polly';
import { createLogger } from '@setlist/runtime';
import { eventually } from '@setlist/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { forgetfulStore } from '../storage/document-store.ts';
import type { Task } from './task.ts';
import { TaskBoard } from './task-board.ts';

test('a task is remembered for 72 hours, and then forgotten', async () => {
  let nowMs = 0;
  const options = {
    documents: forgetfulStore<Task>(),
    concurrency: 0,
    logger: createLogger({ service: 'test', level: 'silent' }),
    nowMs: () => nowMs,
  };
  const task = { id: 'old', status: 'completed', creationMs: 0 } as Task;
  await using board = new TaskBoard(options as ConstructorParameters<typeof TaskBoard>[0], [task]);
  nowMs = LIMITS.taskKeptMs;
  expect(board.get('old')).toBeDefined();
  nowMs++;
  expect(board.get('old')).toBeUndefined();
});

/** A board whose disk and topic fail once for each entry of `failing`. */
function failingBoard(failing: { puts: string[]; publishes: number }) {
  const kept = new Map<string, Task>();
  const calls = { synthesized: 0, told: 0 };
  const put = async (id: string, task: Task): Promise<void> => {
    const at = failing.puts.indexOf(stateOf(task));
    if (at >= 0) {
      failing.puts.splice(at, 1);
      throw new Error('no space left');
    }
    kept.set(id, task);
  };
  const synthesize = async () => {
    calls.synthesized++;
    return new Uint8Array(3);
  };
  const publish = async () => {
    if (failing.publishes-- > 0) throw new Error('no answer');
    calls.told++;
  };
  const options = {
    documents: { ...forgetfulStore<Task>(), put },
    synthesize,
    sink: { check: () => undefined, write: async () => undefined },
    topic: { check: () => undefined, publish },
    concurrency: 1,
    logger: createLogger({ service: 'test', level: 'silent' }),
    nowMs: () => 0,
  };
  const board = new TaskBoard(options as ConstructorParameters<typeof TaskBoard>[0], []);
  onTestFinished(() => board[Symbol.asyncDispose]());
  return { board, kept, calls };
}

const stateOf = ({ status, noticePending }: Task): string => (noticePending ? 'untold' : status);

const taskOf = (id: string): Task =>
  ({
    id,
    status: 'scheduled',
    creationMs: 0,
    order: { request: {}, format: 'mp3' },
    input: { OutputFormat: 'mp3', TextType: 'text', VoiceId: 'Joanna' },
    output: {},
    snsTopicArn: 'arn:aws:sns:eu-central-1:000000000000:ended',
  }) as unknown as Task;

test('if storing, publishing or recording a task’s end fails, it is retried, without a second synthesis', async () => {
  const { board, kept, calls } = failingBoard({ puts: ['untold', 'completed'], publishes: 1 });
  await board.add(taskOf('held-up'));
  await eventually(() => expect(kept.get('held-up')).toMatchObject({ status: 'completed' }));
  await eventually(() => expect(board.get('held-up')?.noticePending).toBeUndefined());
  expect(board.get('held-up')?.status).toBe('completed');
  expect(calls).toEqual({ synthesized: 1, told: 1 });
});

test('a task whose topic can’t be notified keeps no other task from running', async () => {
  const { board } = failingBoard({ puts: [], publishes: 1 });
  await board.add(taskOf('untold'));
  await board.add(taskOf('other'));
  await eventually(() => expect(board.get('other')).toMatchObject({ status: 'completed' }));
  await eventually(() => expect(board.get('untold')?.noticePending).toBeUndefined());
});
