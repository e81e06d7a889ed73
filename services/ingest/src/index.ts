/** From a dropped set file to a set in the log. */
export { type Queue, sqsQueue } from './adapters/sqs-queue.ts';
export { config } from './config.ts';
export { createIngest, type IngestDeps } from './service.ts';
