/** Real servers and small aids for tests; nothing here is mocked. */
export { type AwsClientConfig, type S3Server, startS3 } from './aws.ts';
export { type BareNats, startBareNats } from './bare-nats.ts';
export {
  type Browser,
  type BrowserContext,
  findChromium,
  NO_CHROMIUM,
  type Page,
  startBrowser,
} from './browser.ts';
export { type ReceivedRequest, type ReceivedSpan, startCollector, type TestCollector } from './collector.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { type FaultProxy, type ProxyFaults, startFaultProxy } from './fault-proxy.ts';
export { endLeakedProcesses } from './leaked-processes.ts';
export { startCluster, type TestCluster } from './nats-cluster.ts';
export { type NatsOptions, natsVersion, startNats, type TestNats } from './nats-server.ts';
export { type ProcessExit, type ProcessOptions, startProcess, type TestProcess } from './process.ts';
export { canMount, type SmallDisk, smallDisk } from './small-disk.ts';
export { type SmtpOptions, type SmtpReply, type SmtpServer, startSmtp } from './smtp.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
