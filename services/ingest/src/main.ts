/** Runs ingest as a process of its own. */
import { keepHeapTight, runService } from '@setlist/runtime';
import { ingestConfig } from './config.ts';
import { startIngest } from './service.ts';

keepHeapTight();

await runService({
  name: 'ingest',
  env: process.env,
  argv: process.argv.slice(2),
  config: ingestConfig,
  start: startIngest,
});
