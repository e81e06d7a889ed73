/** The content of a message before it becomes text, HTML or a chat card, so that all of them say the same. */

/** `good`: as wanted; `fair`: done or running, with something to check; `bad`: needs someone; `plain`: information. */
export const TONES = ['good', 'fair', 'bad', 'plain'] as const;
export type Tone = (typeof TONES)[number];

/** Items with the same outcome. */
export interface Segment {
  readonly kind: 'paid' | 'reused' | 'recovered' | 'failed' | 'waiting';
  readonly label: string;
  readonly count: number;
}

/** A set's progress; segments without items are omitted. */
export interface Progress {
  readonly summary: string;
  readonly segments: readonly Segment[];
}

interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A failed item or a problem: where it is, what it is, and what to do about it. */
export interface Fault {
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface FaultList {
  readonly heading: string;
  readonly faults: readonly Fault[];
}

/** A next step, and the command for it. */
export interface Step {
  readonly what: string;
  readonly command?: string;
}

interface Link {
  readonly label: string;
  readonly url: string;
}

/** Every text is one harmless line (`harmless`), but not escaped: each output format escapes it for itself. */
export interface Letter {
  readonly subject: string;
  readonly title: string;
  readonly description?: string;
  readonly status: { readonly label: string; readonly tone: Tone };
  /** What happened, in full: the first lines of the text part, and a mail program's preview. */
  readonly lead: string;
  readonly progress?: Progress;
  readonly facts: readonly Fact[];
  readonly faults?: FaultList;
  readonly next: readonly Step[];
  readonly link?: Link;
  /** The set that the message is about. */
  readonly setId: string;
}

/** A letter ready to be sent by mail. */
export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
