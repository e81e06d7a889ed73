/** From a dropped set file to a set in the log. */
export { InboxUnusable } from './adapters/inbox.ts';
export { type Queue, sqsQueue } from './adapters/sqs-queue.ts';
export { config, type IngestConfig, type IngestSettings } from './config.ts';
export { createIngest, type Ingest, type IngestDeps, startIngest } from './service.ts';
