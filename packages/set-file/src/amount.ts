/** Amounts of money as people write them in set files, options and settings. */
import { z } from 'zod';

/** The form of an amount, for remedies and help texts. */
export const AMOUNT_FORM = 'digits, with at most 12 after a decimal point, such as 2.50';

/** Whether a text is a non-negative amount of US dollars, which `parseUsd` of `@setlist/polly` can read. */
export const isAmount = (text: string): boolean => /^\d{1,12}(?:\.\d{1,12})?$/.test(text);

/** An amount as a setting or parameter. */
export const amountSchema = z
  .string()
  .refine(isAmount, 'must be an amount in US dollars, such as 250 or 99.50');
