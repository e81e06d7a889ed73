/** Parameters that several routes take. */
import { z } from 'zod';

export const setParams = z.object({ setId: z.string().regex(/^[A-Za-z0-9-]{1,120}$/, 'must be a set id') });
export const itemParams = setParams.extend({ index: z.coerce.number().int().nonnegative() });

/** The header that makes a write idempotent. */
export const onceHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe(
      'a unique key for each write, such as a UUID: a retry with the same key only repeats the answer',
    ),
});

/** The page size. */
export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
