/** Real servers and small aids for tests; nothing here is mocked. */
export { type AwsClientConfig, type S3Server, startS3 } from './aws.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { endLeakedProcesses } from './leaked-processes.ts';
export { type NatsOptions, startNats, type TestNats } from './nats-server.ts';
export { type ProcessExit, type ProcessOptions, startProcess, type TestProcess } from './process.ts';
export { type SmtpReply, type SmtpServer, startSmtp } from './smtp.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
