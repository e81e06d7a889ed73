/** One configuration for every workspace: `vitest run --config <this file>` in any of them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'generate/**/*.test.ts', '*.test.ts'],
    setupFiles: [new URL('vitest.setup.ts', import.meta.url).pathname],
    reporters: ['default', ['json', { outputFile: '.vitest/report.json' }]],
    // Whoever waits gives up first, and says what for. A busy machine is slow, and no fault.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    // Node loads and strips the sources itself, as it does in production: small workspaces take a third less time.
    experimental: { viteModuleRunner: false },
    // One process for several files: starting one for each took longer than most of them do.
    isolate: false,
    maxWorkers: 2,
  },
});
