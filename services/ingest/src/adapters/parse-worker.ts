/** The thread of `parse-off-thread.ts`: one file in, one result out. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ParseOptions, parseSetFile } from '@setlist/contracts';

const { bytes, options }: { bytes: Uint8Array; options: ParseOptions } = workerData;
parentPort?.postMessage(parseSetFile(bytes, options));
