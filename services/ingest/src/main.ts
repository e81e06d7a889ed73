/** Runs ingest as a process of its own. */
import { setFlagsFromString } from 'node:v8';
import { runService } from '@setlist/runtime';
import { config } from './config.ts';
import { startIngest } from './service.ts';

// Of 30 MB in use V8 lets a heap grow to over 200 before it tidies up: a million items would cost 400 MB. Kept tight,
// it takes 190, and no longer.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=50');

await runService({
  name: 'ingest',
  env: process.env,
  argv: process.argv.slice(2),
  config,
  start: startIngest,
});
