/** Cursors of pages: opaque to callers, so that what they hold may change. */
import { z } from 'zod';

/** Where the next page begins, for a query string. */
export const cursorOf = (place: string | number): string => Buffer.from(String(place)).toString('base64url');

/** A cursor as the text that it was made of. */
export const cursor = z
  .string()
  .max(400)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be a cursor that an earlier answer gave')
  .transform((text) => Buffer.from(text, 'base64url').toString());

/** The same for places that are numbers. */
export const numberCursor = cursor
  .refine((text) => /^\d{1,15}$/.test(text), 'must be a cursor that an earlier answer gave')
  .transform(Number);
