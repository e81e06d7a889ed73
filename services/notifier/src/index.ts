/** The only one that speaks to people: what happened to their sets, once each, by every channel. */
export { config as notifierConfig, type NotifierConfig } from './config.ts';
export type { Channel, Notice, Outcome } from './domain/channel.ts';
export type { Message } from './domain/messages/letter.ts';
export { messageOf, type NotableEvent } from './domain/messages/message-of.ts';
export { createNotifier, type Notifier, type NotifierDeps, startNotifier } from './service.ts';
