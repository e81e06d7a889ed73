/** What the local engine is given of our environment: other people's code is to know no secret that it has no use for. */
import type { Environment } from '@setlist/runtime';

/** What any program needs, and what the engine has of its own that nobody decides for it. */
const PASSED_ON =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SYSTEMROOT|LANG|LC_\w+|TZ|ENGINE|WORKERS|FAULT_\w+|SNS_ENDPOINT|AWS_REGION)$/i;

/** Node's own, each by its name: others put tokens under names that begin so, as npm does. */
const OF_NODE =
  /^NODE_(?:OPTIONS|EXTRA_CA_CERTS|USE_SYSTEM_CA|COMPILE_CACHE|DISABLE_COMPILE_CACHE|NO_WARNINGS|DEBUG|V8_COVERAGE)$/i;

export const engineEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name) || OF_NODE.test(name)));
