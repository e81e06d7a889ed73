/** Ends every test file: its variables are taken back from the process, and it is asked whether it left another running. */
import { afterAll, expect, vi } from 'vitest';
import { endLeakedProcesses } from './packages/testkit/src/leaked-processes.ts';

afterAll(async () => {
  vi.unstubAllEnvs();
  expect(await endLeakedProcesses(), 'processes that this test file left running').toEqual([]);
});
