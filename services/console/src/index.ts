/** The console: an HTTP API over the projections, and the page that it serves. */
export { type ConsoleConfig, type ConsoleSettings, consoleConfig } from './config.ts';
export { type Console, type ConsoleParts, createConsole, startConsole } from './service.ts';
