/** How every service starts, runs and ends; a service's `main.ts` only names the parts. */
import { z } from 'zod';
import { createLogger } from '../logging/logger.ts';
import type { BaseConfig, baseConfig } from '../settings/base-config.ts';
import { type Environment, loadConfig, secretValues } from '../settings/config.ts';
import { configHelp } from '../settings/config-help.ts';
import { Faults } from '../settings/faults.ts';
import { type Running, type ServiceContext, superviseService } from './supervise.ts';

export type ServiceOptions<Shape extends typeof baseConfig> = {
  name: string;
  env: Environment;
  /** The arguments after the script's name; only `--help` is known. */
  argv?: readonly string[];
  /** `z.object({ ...baseConfig, … })`. */
  config: z.ZodObject<Shape>;
  start: (
    config: z.output<z.ZodObject<Shape>>,
    context: ServiceContext,
  ) => Promise<Running | undefined> | Promise<void>;
};

/**
 * Runs a service until it ends, then ends the process:
 *
 * - 0: its work ended, or it drained after the first SIGTERM or SIGINT;
 * - 1: it failed, or didn't drain within DRAIN_TIMEOUT (the log says what was still open);
 * - 2: an unknown argument; 3: a setting or something else that it needs is missing or wrong;
 * - 130, 143: a second SIGINT or SIGTERM.
 */
export async function runService<Shape extends typeof baseConfig>(
  options: ServiceOptions<Shape>,
): Promise<never> {
  const { name, env, start } = options;
  answerArguments(options);
  const config = orExit(name, () => loadConfig(options.config, env));
  // Read these from the service's own shape, which can give them other defaults.
  const base: BaseConfig = loadConfig(z.object<typeof baseConfig>(options.config.shape), env);
  const logger = createLogger({
    service: name,
    level: base.LOG_LEVEL,
    secrets: secretValues(options.config, env),
    ...(base.LOG_FORMAT === 'auto' ? {} : { pretty: base.LOG_FORMAT === 'pretty' }),
  });
  const exitCode = await superviseService({
    name,
    config: base,
    logger,
    start: (context) => start(config, context),
  });
  return process.exit(exitCode);
}

function answerArguments({
  name,
  argv = [],
  config,
}: Pick<ServiceOptions<typeof baseConfig>, 'name' | 'argv' | 'config'>) {
  if (argv.includes('--help')) {
    process.stdout.write(configHelp(name, config));
    process.exit(0);
  }
  if (argv.length > 0) {
    process.stderr.write(
      `${name}: unknown argument ${argv[0]}. Settings come from the environment: see --help.\n`,
    );
    process.exit(2);
  }
}

/** Prints faults to standard error, since there is no logger yet. */
function orExit<T>(name: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof Faults)) throw error;
    process.stderr.write(`${name} can't start. ${error.message}\n${error.remedy}\n`);
    return process.exit(3);
  }
}
