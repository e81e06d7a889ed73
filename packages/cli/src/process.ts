/** The process of the `setlist` command: its streams, its signals, its exit code. */
import { EXIT } from './exit-codes.ts';
import { openTerminal } from './output/terminal.ts';
import { runCommandLine } from './program.ts';

const { stdout, stderr, env } = process;
let isUnread = false;
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (isUnread) return;
    // Whoever read us has gone (`setlist voices | head`). What is written from here on is lost, without harm.
    isUnread = true;
    if (!(process as NodeJS.EventEmitter).emit('EPIPE', 'EPIPE')) process.exit(EXIT.unread);
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
process.exit(isUnread ? EXIT.unread : exitCode);
