/** Page cursors: opaque to callers, so that their contents can change. */
import { z } from 'zod';

/** Encodes the place where the next page begins, for a query string. */
export const cursorOf = (place: string | number): string => Buffer.from(String(place)).toString('base64url');

/** Decodes a cursor to the text that it was made of. */
export const cursor = z
  .string()
  .max(400)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be a cursor from an earlier answer')
  .transform((text) => Buffer.from(text, 'base64url').toString());

/** Decodes a cursor whose place is a number. */
export const numberCursor = cursor
  .refine((text) => /^\d{1,15}$/.test(text), 'must be a cursor from an earlier answer')
  .transform(Number);
