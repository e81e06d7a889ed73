/** Freezing a process that ends meanwhile. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FREEZE = fileURLToPath(new URL('../src/freeze.ts', import.meta.url));

/** Freezes a child that has ended, but is in /proc until this turn of the event loop is over. */
const SCRIPT = `
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freeze } from ${JSON.stringify(FREEZE)};
const { pid } = spawn('true');
while (!readFileSync(\`/proc/\${pid}/stat\`, 'latin1').includes(') Z '));
freeze(pid);
console.log('returned');
`;

// In a process of its own, since one that never returned could not be timed out.
test.skipIf(process.platform !== 'linux')('freezing a process that has just ended returns', () => {
  const args = ['--input-type=module', '--eval', SCRIPT];
  expect(spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 })).toMatchObject({
    stdout: 'returned\n',
    status: 0,
  });
});
