/** The process of the `setlist` command: its streams, its signals, its exit code. */
import { EXIT, type ExitCode } from './exit-codes.ts';
import { openTerminal } from './output/text/terminal.ts';
import { runCommandLine } from './program.ts';

const { stdout, stderr, env } = process;
/** How a pipe fails whose reader has gone, and a terminal that was closed. */
const READER_GONE = new Set(['EPIPE', 'EIO']);
/** What the process ends with once what it writes is lost. */
let unread: ExitCode | undefined;
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // What is written from here on is lost, without harm: what is under way comes to its end all the same.
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
