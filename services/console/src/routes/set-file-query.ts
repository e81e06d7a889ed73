/** Query parameters of a set file: its name, and the options of one run. */
import { checkObjectKey, PRIORITIES } from '@setlist/contracts';
import { amountSchema, DEADLINE_FORMS, deadlineAt } from '@setlist/set-file';
import { z } from 'zod';

export const setFileBody = z.string().describe('the set file as it is');

export const fileName = z
  .string()
  .refine(
    (name) => !name.includes('/') && checkObjectKey(name) === undefined,
    'must be a file name without a folder',
  )
  .describe('its name, such as act-1.yml; the extension says whether it is YAML or JSON');

export const runQuery = z.object({
  fileName,
  fresh: z.stringbool().optional().describe('whether to record, and pay for, every sound again'),
  maxUsd: amountSchema
    .optional()
    .describe('the most that the run can cost; the file’s budget applies if it is smaller'),
  deadline: z
    .string()
    .refine((text) => deadlineAt(text, new Date(0)) !== undefined, `must be ${DEADLINE_FORMS}`)
    .optional()
    .describe('the deadline, in place of the file’s'),
  priority: z.enum(PRIORITIES).optional().describe('the priority, in place of the file’s'),
});
