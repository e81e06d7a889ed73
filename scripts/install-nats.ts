/** The last step of the set-up: finds or fetches a suitable nats-server. */
import { BrokerNotFetched, BrokerNotFound, type FoundServer, findOrFetchNatsServer } from '@setlist/broker';

try {
  tellPassedOver(await findOrFetchNatsServer({ onStep: say }));
} catch (error) {
  if (!(error instanceof BrokerNotFound || error instanceof BrokerNotFetched)) throw error;
  say(error.message);
  process.exitCode = 1;
}

function tellPassedOver({ passedOver }: FoundServer): void {
  for (const { path, reason } of passedOver) say(`passed over ${path}: ${reason}`);
}

/** Prints to standard error: standard output belongs to the command that follows the set-up. */
function say(text: string): void {
  process.stderr.write(`setup: ${text}\n`);
}
