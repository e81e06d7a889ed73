/** Runs ingest as a process of its own. */
import { runService } from '@setlist/runtime';
import { config } from './config.ts';
import { startIngest } from './service.ts';

await runService({
  name: 'ingest',
  env: process.env,
  argv: process.argv.slice(2),
  config,
  start: startIngest,
});
