/** Ends every test file with the question whether it left a process running. */
import { afterAll, expect } from 'vitest';
import { endLeakedProcesses } from './packages/testkit/src/leaked-processes.ts';

afterAll(async () => {
  expect(await endLeakedProcesses(), 'processes that this test file left running').toEqual([]);
});
