/** Runs the dispatcher as a process of its own. */
import { runService } from '@setlist/runtime';
import { processConfig } from './config.ts';
import { startDispatcher } from './service.ts';

await runService({
  name: 'dispatcher',
  env: process.env,
  argv: process.argv.slice(2),
  config: processConfig,
  start: startDispatcher,
});
