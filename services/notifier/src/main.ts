/** Runs the notifier as its own process. */
import { runService } from '@setlist/runtime';
import { notifierConfig } from './config.ts';
import { startNotifier } from './service.ts';

await runService({
  name: 'notifier',
  env: process.env,
  argv: process.argv.slice(2),
  config: notifierConfig,
  start: (settings, context) => startNotifier(settings, context, process.env),
});
