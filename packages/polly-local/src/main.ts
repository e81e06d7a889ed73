/** The process: `node packages/polly-local/src/main.ts`; `--help` lists the settings. */
import { runService } from '@setlist/runtime';
import { pollyLocalConfig } from './config.ts';
import { startPollyLocal } from './service.ts';

await runService({
  name: 'polly-local',
  env: process.env,
  argv: process.argv.slice(2),
  config: pollyLocalConfig,
  start: async (config, { logger, stack }) => {
    await startPollyLocal(config, logger, stack);
  },
});
