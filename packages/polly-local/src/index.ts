/** Polly's API over espeak. GPL-3.0-or-later: run it as a process of its own, and import it nowhere else. */
export { type PollyLocalConfig, pollyLocalConfig } from './config.ts';
export { type PollyLocal, startPollyLocal } from './service.ts';
