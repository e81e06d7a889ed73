/** A nats-server of our own: found, fetched where there is none, and started with our own configuration. */
export { AptFailed } from './apt.ts';
export { cachedBinaries, cacheFolder, serverFile } from './cache.ts';
export { BrokerNotFetched, BrokerNotFound, BrokerNotStarted } from './errors.ts';
export { type FetchOptions, fetchNatsServer } from './fetch.ts';
export { type FindOptions, type FoundServer, findNatsServer, type PassedOver } from './find.ts';
export { endLeftover } from './holder.ts';
export { type Broker, type BrokerOptions, startBroker } from './start.ts';
export { unpackPackages } from './unpack.ts';
export { compareVersions, FLOOR_VERSION, type ServerVersion, versionOf } from './version.ts';
