/** The process of the `setlist` command: its streams, its signals, its exit code. */
import { EXIT, type ExitCode } from './exit-codes.ts';
import { openTerminal } from './output/text/terminal.ts';
import { runCommandLine } from './program.ts';

const { stdout, stderr, env } = process;
/** The error codes of a pipe whose reader is gone, and of a closed terminal. */
const READER_GONE = new Set(['EPIPE', 'EIO']);
/** The exit code from the moment that output is lost. */
let unread: ExitCode | undefined;
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Losing later output does no harm: the work in progress still finishes.
    if (unread !== undefined) return;
    unread = READER_GONE.has(String(error.code)) ? EXIT.unread : EXIT.missing;
    if (unread === EXIT.missing && stream === stdout)
      stderr.write(`error: standard output can't be written to (${error.message})\n`);
    if (!(process as NodeJS.EventEmitter).emit('EPIPE', 'EPIPE')) process.exit(unread);
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
process.exit(unread ?? exitCode);
