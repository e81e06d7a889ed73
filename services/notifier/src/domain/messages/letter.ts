/** What a message says, before it is text, HTML or a card in a chat, so that all of them say the same. */

/** `good`: as wished; `fair`: done or going on, with something to look at; `bad`: needs someone; `plain`: for information. */
export const TONES = ['good', 'fair', 'bad', 'plain'] as const;
export type Tone = (typeof TONES)[number];

/** Items that came, or didn't come, the same way. */
export interface Segment {
  readonly kind: 'paid' | 'reused' | 'recovered' | 'failed' | 'waiting';
  readonly label: string;
  readonly count: number;
}

/** How far a set has come; segments without items are left out. */
export interface Progress {
  readonly summary: string;
  readonly segments: readonly Segment[];
}

interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A failed item or a problem: where, what, and what to do about it. */
export interface Fault {
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface FaultList {
  readonly heading: string;
  readonly faults: readonly Fault[];
}

/** Something to do, and the command that does it. */
export interface Step {
  readonly what: string;
  readonly command?: string;
}

interface Link {
  readonly label: string;
  readonly url: string;
}

/** Every text is one harmless line (`harmless`). Whoever puts it into a format of its own escapes it for that format. */
export interface Letter {
  readonly subject: string;
  readonly title: string;
  readonly description?: string;
  readonly status: { readonly label: string; readonly tone: Tone };
  /** What happened, in full: the first lines of the text part, and what a mail program shows beside the subject. */
  readonly lead: string;
  readonly progress?: Progress;
  readonly facts: readonly Fact[];
  readonly faults?: FaultList;
  readonly next: readonly Step[];
  readonly link?: Link;
  /** To find the message's set by. */
  readonly setId: string;
}

/** A letter ready to be sent by mail. */
export interface Message {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
