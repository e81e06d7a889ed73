/** The outcome of each notification, one for each causing event and channel. */
import { z } from 'zod';
import { subjects } from '../names.ts';
import { defineEvent } from './define.ts';
import { reason } from './parts.ts';

const notification = z.object({
  channel: z.string().min(1),
  recipient: z.string().describe('masked'),
  cause: z.string().describe('id of the causing event'),
  causeName: z.string(),
  messageId: z.string().optional(),
});
type Notification = z.infer<typeof notification>;

const about = (_: Notification, setId: string): string => setId;
const subject = (data: Notification, setId: string): string =>
  subjects.notice(setId, data.cause, data.channel);

export const NotificationSent = defineEvent({
  name: 'NotificationSent',
  type: 'setlist.notification.sent',
  version: 1,
  by: ['notifier'],
  says: 'the message was handed to its channel',
  data: notification.extend({
    tries: z.int().positive(),
    notTold: z
      .array(reason.extend({ recipient: z.string().describe('masked') }))
      .optional()
      .describe('for a mail to several recipients, those who were refused; none if missing'),
  }),
  id: (data) => `${data.cause}/sent/${data.channel}`,
  about,
  subject,
});

export const NotificationFailed = defineEvent({
  name: 'NotificationFailed',
  type: 'setlist.notification.failed',
  version: 1,
  by: ['notifier'],
  says: 'the message could not be handed to its channel, and why',
  data: notification.extend({
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    tries: z.int().positive(),
  }),
  id: (data) => `${data.cause}/failed/${data.channel}`,
  about,
  subject,
});
