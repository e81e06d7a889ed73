/** Runs the console as a process of its own. */
import { runService } from '@setlist/runtime';
import { consoleConfig } from './config.ts';
import { startConsole } from './service.ts';

await runService({
  name: 'console',
  env: process.env,
  argv: process.argv.slice(2),
  config: consoleConfig,
  start: startConsole,
});
