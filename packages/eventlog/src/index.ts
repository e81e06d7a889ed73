/** The log on JetStream, and everything else that services do with the broker. */
export { acceptanceOf } from './acceptance.ts';
export { askCommand } from './ask-command.ts';
export type { BrokerClock } from './broker-clock.ts';
export { BrokerUnavailable } from './broker-unavailable.ts';
export { isReaderLost } from './connection.ts';
export { type Documents, DocumentUnreadable } from './documents.ts';
export type { Handout } from './durable.ts';
export { type EventLog, openEventLog } from './event-log.ts';
export { PERMIT_LEASE_MS } from './held-token.ts';
export { type Maintenance, openMaintenance } from './maintenance.ts';
export type { Permit, Permits } from './permits.ts';
export type { Delivered, LogExtent, Recorded } from './read.ts';
export { NobodyAnswers } from './requests.ts';
export type { Selection } from './selection.ts';
export { brokerSettings, openLogFor } from './settings.ts';
export type { SnapshotHead } from './snapshot.ts';
export type { Lane, LaneReader, Work } from './work.ts';
