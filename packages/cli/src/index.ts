/** The command line as a part: for its own process (`main.ts`), and for whoever runs it with surroundings of their own. */
export { EXIT, type ExitCode } from './exit-codes.ts';
export { openTerminal, type Terminal, type TerminalOptions } from './output/terminal.ts';
export { runCommandLine } from './program.ts';
export type { SignalSource, StopSignal, Surroundings } from './surroundings.ts';
