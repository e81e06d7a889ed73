/** The dispatcher as a process. */
import { openLogFor } from '@setlist/eventlog';
import { runService } from '@setlist/runtime';
import { processConfig } from './config.ts';
import { createDispatcher } from './service.ts';

await runService({
  name: 'dispatcher',
  env: process.env,
  argv: process.argv.slice(2),
  config: processConfig,
  start: async (settings, { logger, signal, onShutdown, health }) => {
    const log = await openLogFor(settings, 'dispatcher', signal);
    onShutdown('event log', () => log[Symbol.asyncDispose]());
    const dispatcher = createDispatcher(settings, { log, logger, signal });
    health.addCheck('broker', () => log.check());
    health.addCheck('store', () => dispatcher.checkStore());
    return { done: dispatcher.done };
  },
});
