#!/usr/bin/env node
/** The process of the `setlist` command. */
import { openTerminal } from './output/terminal.ts';
import { runCommandLine } from './program.ts';

const { stdout, stderr, env } = process;
const terminal = openTerminal({ stdout, stderr, env });
const exitCode = await runCommandLine(process.argv.slice(2), {
  terminal,
  env,
  cwd: process.cwd(),
  signals: process,
  exit: (code) => process.exit(code),
});
await terminal.flushed();
process.exit(exitCode);
