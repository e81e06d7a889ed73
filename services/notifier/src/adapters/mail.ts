/** A notice as an Internet mail, always the same for the same event: id, date and words derive from the event. */
import { domainToASCII } from 'node:url';
import { maskEmail } from '@setlist/runtime';
import type { SendMailOptions } from 'nodemailer';
import type { Notice } from '../domain/channel.ts';
import type { Letter, Message } from '../domain/messages/letter.ts';

export interface MailAddresses {
  readonly from: string;
  readonly to: readonly string[];
}

/** Turns a letter into a mail. */
export type MailWording = (letter: Letter) => Message;

/** A valid Message-ID (RFC 5322, dot-atoms on both sides) by which servers and readers recognize a repeat. */
export const messageId = ({ key }: Notice): string => `<${key}@setlist>`;

export function mailOf(notice: Notice, message: Message, { from, to }: MailAddresses): SendMailOptions {
  const { event, storedAt } = notice;
  return {
    from,
    to: [...to],
    date: storedAt,
    messageId: messageId(notice),
    // Mail programs group the mails of one set.
    references: `<${event.setId}@setlist>`,
    // RFC 3834: prevents automatic replies such as absence notes.
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...message,
  };
}

const ADDRESS = /[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g;

/** `Jane <jane@Bücher.example>` → `jane@xn--bcher-kva.example`: the one form of an address, as mail servers get it. */
export function bareAddress(mailbox: string): string {
  const address = /<([^<>]+)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim();
  const domainAt = address.lastIndexOf('@') + 1;
  const domain = address.slice(domainAt);
  // Anything but a host name, such as an address literal, is left unchanged.
  return address.slice(0, domainAt) + (domainToASCII(domain) || domain);
}

export const maskedList = (mailboxes: readonly string[]): string =>
  mailboxes.map((mailbox) => maskEmail(bareAddress(mailbox))).join(', ');

/** A mail server's answer, which often names the recipient, with people's addresses masked. */
export const withoutAddresses = (text: string): string =>
  text.replace(ADDRESS, (address) => maskEmail(address));
