/** The schema of a channels file. */
import { durationMs, mailAddress } from '@setlist/runtime';
import { z } from 'zod';
import { TOPIC } from '../adapters/sns-channel.ts';
import { NOTICE_KINDS } from '../domain/notice-kind.ts';

/** A text given directly, or by reference to a file or an environment variable. */
const text = z.union(
  [
    z.string().min(1),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ env: z.string().min(1) }),
  ],
  { error: 'must be a text, {file: PATH} or {env: NAME}' },
);
export type TextReference = z.output<typeof text>;

const rate = (preset: number | undefined) => {
  const perSecond = z.number().positive().max(1_000).optional();
  return preset === undefined ? perSecond : perSecond.default(preset);
};

const common = {
  notices: z.array(z.enum(NOTICE_KINDS)).min(1).optional(),
  default: z.boolean().default(true),
};

const mail = z.strictObject({
  ...common,
  kind: z.literal('mail'),
  url: text,
  from: mailAddress().optional(),
  to: z.array(mailAddress()).min(1),
  'attach-manifest': z.boolean().default(true),
  timeout: durationMs().optional(),
  rate: rate(10),
});
const folder = z.strictObject({
  ...common,
  kind: z.literal('folder'),
  path: z.string().min(1),
  from: mailAddress().optional(),
  to: z.array(mailAddress()).default([]),
  rate: rate(undefined),
});
/** One a second for each address: https://docs.slack.dev/apis/web-api/rate-limits */
const slack = z.strictObject({ ...common, kind: z.literal('slack'), url: text, rate: rate(1) });
/** https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#rate-limiting-for-connectors */
const teams = z.strictObject({ ...common, kind: z.literal('teams'), url: text, rate: rate(1) });
/** Discord publishes no fixed figure and answers 429; thirty a minute were observed to pass. */
const discord = z.strictObject({ ...common, kind: z.literal('discord'), url: text, rate: rate(0.5) });
const sns = z.strictObject({
  ...common,
  kind: z.literal('sns'),
  topic: z.string().regex(TOPIC, 'must be the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME'),
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  rate: rate(30),
});
const webhook = z.strictObject({
  ...common,
  kind: z.literal('webhook'),
  url: text,
  secrets: z.array(text).min(1).max(5),
  rate: rate(10),
});

/** One entry of the file. */
export const channelEntry = z.discriminatedUnion('kind', [mail, folder, slack, teams, discord, sns, webhook]);
export type ChannelEntry = z.output<typeof channelEntry>;
export const CHANNEL_KINDS: readonly string[] = channelEntry.options.map(({ shape }) => shape.kind.value);

/** The names by which set files refer to channels in `notify`. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** The file as a whole. Its entries are checked one by one, so that every fault of each is reported. */
export const channelsFile = z.strictObject({
  channels: z.record(
    z.string().regex(NAME, 'must be lower-case letters, digits and dashes, 64 at most'),
    z.unknown(),
  ),
});
