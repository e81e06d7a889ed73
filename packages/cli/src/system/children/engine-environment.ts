/** The part of our environment that the local engine gets: third-party code must not see secrets it doesn't need. */
import type { Environment } from '@setlist/runtime';

/** What any program needs, and the engine's own settings that the command leaves to the user. */
const PASSED_ON =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SYSTEMROOT|LANG|LC_\w+|TZ|ENGINE|WORKERS|FAULT_\w+|SNS_ENDPOINT|AWS_REGION)$/i;

/** Node's own variables, each by its full name: others, such as npm, put tokens under names with this prefix. */
const OF_NODE =
  /^NODE_(?:OPTIONS|EXTRA_CA_CERTS|USE_SYSTEM_CA|COMPILE_CACHE|DISABLE_COMPILE_CACHE|NO_WARNINGS|DEBUG|V8_COVERAGE)$/i;

export const engineEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name) || OF_NODE.test(name)));
