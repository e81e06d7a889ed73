/** Memory for one who reads for long and keeps little of it. */
import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 tidy up sooner, in this whole process and from now on. Of 30 MB in use it else lets a heap grow to over 200:
 * a million items cost ingest 400 MB, and 190 kept tight; verifying a million events 393, and 311. Neither took longer.
 */
export function keepHeapTight(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}
