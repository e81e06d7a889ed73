/**
 * A notice as Amazon's sample publishes it on SNS, so that listeners of the sample's topic understand this one too: a
 * text for each protocol, with JSON as `default`. Kinds of notice that the sample lacks follow its style.
 *
 * https://github.com/aws-samples/amazon-polly-async-batch (setcompletionwaiter.py)
 */
import type { Notice } from './channel.ts';
import { clip, harmless } from './messages/wording.ts';
import { STATE_OF } from './notice-kind.ts';

export interface SnsMessage {
  /** At most 99 characters of ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  /** The JSON of `MessageStructure: json`. */
  readonly message: string;
  readonly attributes: Readonly<
    Record<string, { readonly type: 'String' | 'Number'; readonly value: string }>
  >;
}

const SUBJECT_CHARACTERS = 99;
/** https://docs.aws.amazon.com/sns/latest/dg/sms_sending-overview.html */
const SMS_CHARACTERS = 1_600;

export function snsMessage(notice: Notice): SnsMessage {
  const { letter } = notice;
  const { headline, details } = partsOf(notice);
  return {
    subject: ascii(headline),
    message: JSON.stringify({
      default: JSON.stringify({ message: letter.lead, ...details }),
      sms: clip(headline, SMS_CHARACTERS),
      email: letter.lead,
    }),
    attributes: attributesOf(notice),
  };
}

/** `set_name` tells runs apart, as in the sample; the set's own name is in the text and the attributes. */
function partsOf({ event, kind, letter }: Notice): { headline: string; details: Record<string, string> } {
  const set_name = event.setId;
  if (event.name === 'SetCompleted') {
    const { set, counts } = event.data;
    return {
      headline: harmless(`Polly batch set ${set.name} completed`),
      details: {
        set_name,
        // The sample's counts are text, as DynamoDB returns numbers.
        successes: String(counts.completed),
        failures: String(counts.failed),
        // The sample's location ends in a slash: its listeners append a file name.
        location: `${set.location}/`,
      },
    };
  }
  if (event.name === 'SetStalled') {
    const { set, since } = event.data;
    return {
      headline: harmless(`Problem with your Amazon Polly batch set ${set.name}`),
      details: { set_name, no_updated_since: since },
    };
  }
  return { headline: letter.subject, details: { set_name, state: STATE_OF[kind] } };
}

/**
 * For filter policies, and a completed set's seal. At most ten: a queue with raw delivery gets no message with more.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
function attributesOf({ event, kind }: Notice): SnsMessage['attributes'] {
  const name = event.name === 'SetRejected' ? event.data.name : event.data.set.name;
  const counts = event.name === 'SetRejected' ? undefined : event.data.counts;
  const text = (value: string) => ({ type: 'String', value }) as const;
  const count = (value: number) => ({ type: 'Number', value: String(value) }) as const;
  return {
    event: text(event.name),
    notice: text(kind),
    state: text(STATE_OF[kind]),
    set_id: text(event.setId),
    ...(name ? { set: text(harmless(name)) } : {}),
    ...(counts ? { successes: count(counts.completed), failures: count(counts.failed) } : {}),
    ...(event.name === 'SetCompleted' ? { seal: text(event.data.chain.head) } : {}),
  };
}

/** Letters lose their accents; characters that ASCII lacks become question marks. */
const ascii = (text: string): string => {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
  return plain.length <= SUBJECT_CHARACTERS ? plain : `${plain.slice(0, SUBJECT_CHARACTERS - 3)}...`;
};
