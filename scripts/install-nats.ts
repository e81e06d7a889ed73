/** The last step of the set-up: finds or fetches a suitable nats-server. NATS_SUITE names the suite to fetch from. */
import {
  BrokerNotFetched,
  BrokerNotFound,
  type FoundServer,
  fetchNatsServer,
  findNatsServer,
} from '@setlist/broker';

const suite = process.env.NATS_SUITE || undefined;

try {
  if (suite !== undefined) await fetch(suite);
  else await findOrFetch();
} catch (error) {
  if (!(error instanceof BrokerNotFound || error instanceof BrokerNotFetched)) throw error;
  say(error.message);
  process.exitCode = 1;
}

async function findOrFetch(): Promise<void> {
  try {
    tellPassedOver(await findNatsServer());
  } catch (error) {
    if (!(error instanceof BrokerNotFound) || process.env.NATS_SERVER_BIN) throw error;
    await fetch();
    tellPassedOver(await findNatsServer());
  }
}

async function fetch(from?: string): Promise<void> {
  const onStep = (step: string) => say(step);
  const { path, version } = await fetchNatsServer({ onStep, ...(from === undefined ? {} : { suite: from }) });
  say(`nats-server ${version} is at ${path}`);
}

function tellPassedOver({ passedOver }: FoundServer): void {
  for (const { path, reason } of passedOver) say(`passed over ${path}: ${reason}`);
}

/** Prints to standard error: standard output belongs to the command that follows the set-up. */
function say(text: string): void {
  process.stderr.write(`setup: ${text}\n`);
}
