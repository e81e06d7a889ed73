/** Real servers and small aids for tests; nothing here is mocked. */
export { asNobody, asOwner } from './as-nobody.ts';
export { type S3Server, startS3 } from './aws.ts';
export { startBareNats } from './bare-nats.ts';
export {
  type Browser,
  findChromium,
  hasChromium,
  NO_CHROMIUM,
  type Page,
  pageTitle,
  startBrowser,
} from './browser.ts';
export { type ReceivedSpan, startCollector, type TestCollector } from './collector.ts';
export { acceptedData, completedData, requestedData, soundOf } from './event-data.ts';
export { eventually, onceStill } from './eventually.ts';
export { startFaultProxy } from './fault-proxy.ts';
export { freeze } from './freeze.ts';
export { eventsOf, failure, paidFor, recorded, type SetEvents, timeOf } from './histories.ts';
export { keptLog } from './kept-log.ts';
export { childStarted, endLeakedProcesses, processStarted } from './leaked-processes.ts';
export {
  type EngineCalls,
  type EngineStats,
  engineStats,
  type LocalEngine,
  setFaults,
  startLocalEngine,
} from './local-engine.ts';
export { freePorts, startCluster } from './nats-cluster.ts';
export { natsVersion, startNats, type TestNats } from './nats-server.ts';
export { startOutboundProxy } from './outbound-proxy.ts';
export { startProcess, type TestProcess } from './process.ts';
export { publishRaw } from './publish-raw.ts';
export { canMount, smallDisk } from './small-disk.ts';
export { type SmtpServer, startSmtp } from './smtp.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
