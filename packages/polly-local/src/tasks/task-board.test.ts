import { LIMITS } from '@setlist/polly';
import { createLogger } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { forgetfulStore } from '../storage/document-store.ts';
import type { Task } from './task.ts';
import { TaskBoard } from './task-board.ts';

test('a task is known for 72 hours, and by nobody any longer', async () => {
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
