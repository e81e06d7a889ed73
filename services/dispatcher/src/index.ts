/** The dispatcher as a component, for its own process and for the command line, which runs everything in one. */

export { missingCredentials } from './adapters/credentials.ts';
export { dispatcherConfig, taskPrefixConfig } from './config.ts';
export { createDispatcher } from './service.ts';
