/** The process of the `setlist` command: its streams, its signals, its exit code. */
import { EXIT } from './exit-codes.ts';
import { openTerminal } from './output/terminal.ts';
import { runCommandLine } from './program.ts';

const { stdout, stderr, env } = process;
for (const stream of [stdout, stderr]) {
  // Whoever read us has gone (`setlist voices | head`): there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
}
const terminal = openTerminal({ stdout, stderr, env });
const exitCode = await runCommandLine(process.argv.slice(2), {
  terminal,
  env,
  stdin: process.stdin,
  cwd: process.cwd(),
  signals: process,
  exit: (code) => process.exit(code),
});
await terminal.flushed();
process.exit(exitCode);
