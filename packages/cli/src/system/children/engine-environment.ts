/** What the local engine is given of our environment: other people's code is to know no secret that it has no use for. */
import type { Environment } from '@setlist/runtime';

/** What any program needs, Node's own settings, and those of the engine that nobody decides for it. */
const PASSED_ON =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|SYSTEMROOT|LANG|LC_\w+|TZ|NODE_\w+|ENGINE|WORKERS|FAULT_\w+|SNS_ENDPOINT|AWS_REGION)$/i;

export const engineEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
