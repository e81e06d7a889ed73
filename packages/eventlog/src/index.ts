/** The log on JetStream, and everything else that services do with the broker. */

export { answerTimeoutMs, askCommand, COMMAND_TRIED_FOR_MS, NOT_CONFIRMED } from './ask-command.ts';
export type { BrokerClock } from './broker-clock.ts';
export type { BrokerAccess } from './connection/broker-access.ts';
export { BrokerUnavailable } from './connection/broker-unavailable.ts';
export { isClosed, isReaderLost } from './connection/failures.ts';
export { type Documents, DocumentUnreadable } from './documents.ts';
export { type EventLog, openEventLog } from './event-log.ts';
export { type Maintenance, openMaintenance } from './maintenance/maintenance.ts';
export type { SnapshotHead } from './maintenance/snapshot.ts';
export { PERMIT_LEASE_MS } from './permits/held-token.ts';
export type { Permit, Permits } from './permits/permits.ts';
export { acceptanceOf } from './reading/acceptance.ts';
export { LogEndLost, type StoredEvent } from './reading/known-end.ts';
export { openSetIds } from './reading/open-set-ids.ts';
export { type Delivered, type LogExtent, type Recorded, recordedOf } from './reading/read.ts';
export type { Selection } from './reading/selection.ts';
export { NobodyAnswers } from './requests.ts';
export { accessFrom, brokerSettings, openLogFor, replicasFrom } from './settings.ts';
export type { Handout } from './work/durable.ts';
export type { Lane, LaneReader, Work } from './work/work.ts';
