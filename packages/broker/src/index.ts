/** A private nats-server: found, or fetched if there is none, and started with its own configuration. */
export { cacheFolder } from './cache.ts';
export { ChildNotStarted, type RunningChild, startChild } from './child.ts';
export { BrokerNotFetched, BrokerNotFound, BrokerNotStarted } from './errors.ts';
export { fetchNatsServer, findOrFetchNatsServer } from './fetch.ts';
export { type FoundServer, findNatsServer } from './find.ts';
export { endLeftover } from './holder.ts';
export { isHere, type ProcessSpace, spaceHere } from './process-space.ts';
export { type Broker, startBroker } from './start.ts';
export { unpackPackages } from './unpack.ts';
