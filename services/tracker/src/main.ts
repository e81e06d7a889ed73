/** Runs the tracker as a process of its own. */
import { runService } from '@setlist/runtime';
import { trackerConfig } from './config.ts';
import { startTracker } from './service.ts';

await runService({
  name: 'tracker',
  env: process.env,
  argv: process.argv.slice(2),
  config: trackerConfig,
  start: startTracker,
});
