/** The console: an HTTP API over the projections, and the page that it serves. */
export { type ConsoleSettings, consoleConfig } from './config.ts';
export { createConsole } from './service.ts';
