/** The dispatcher as a part: for its own process, and for the command line that runs everything in one. */
export { config, type DispatcherConfig } from './config.ts';
export { createDispatcher, type Dispatcher, type DispatcherDeps } from './service.ts';
