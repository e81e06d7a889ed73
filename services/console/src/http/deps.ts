/** What the routes depend on. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventOf, SetSummary } from '@setlist/contracts';
import type { Logger } from '@setlist/runtime';
import type { ObjectStore } from '@setlist/storage';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ConsoleSettings } from '../config.ts';
import type { QuotaWindow } from '../domain/quota-use.ts';
import type { ItemTexts } from '../watch/item-texts.ts';
import type { LiveFeed } from '../watch/live-feed.ts';
import type { SetsMirror } from '../watch/sets-mirror.ts';
import type { AnsweredLog } from './answered-log.ts';

export interface ConsoleDeps {
  readonly settings: ConsoleSettings;
  readonly log: AnsweredLog;
  readonly logger: Logger;
  readonly mirror: SetsMirror;
  readonly feed: LiveFeed;
  readonly quota: QuotaWindow;
  readonly texts: Pick<ItemTexts, 'of'>;
  /** Opens the store of a set's output, by its URI. */
  outputOf(uri: string): ObjectStore;
  /** Where canonical audio is kept; `undefined` if STORE is not set. */
  readonly store: ObjectStore | undefined;
  /** A set's acceptance; `undefined` if it was rejected. */
  acceptanceOf(summary: SetSummary): Promise<EventOf<'SetAccepted'> | undefined>;
  /** The secret that signs links to audio. */
  readonly linkSecret: string;
}

/** The server as routes see it: requests and answers are typed by their zod schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
