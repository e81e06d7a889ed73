/** The API's answers as types, derived from the schemas, for the page to be checked against. Types only. */
import type { SetSummary } from '@setlist/contracts';
import type { z } from 'zod';
import type { PlanAnswer } from './domain/plan-answer.ts';
import type { linkSchema } from './routes/audio.ts';
import type { itemsPage, matchesAnswer, statesAnswer } from './routes/items.ts';
import type { quotaAnswer } from './routes/money.ts';
import type { validation } from './routes/set-files.ts';
import type { setsPage } from './routes/sets.ts';
import type { submitted } from './routes/submit.ts';

export type { Priority, SetState, SetSummary } from '@setlist/contracts';
export type { Money } from './domain/money-by-day.ts';
export type { SetFileProblem as Problem } from './domain/set-file-problem.ts';
export type { ItemMark as Mark, Timeline } from './domain/timeline.ts';
export type { Item } from './routes/items.ts';
export type { Change } from './watch/frame.ts';

export type AudioLink = z.infer<typeof linkSchema>;
export type Checked = z.infer<typeof validation>;
/** The counts that can also be derived for a past moment. */
export type Counts = Omit<SetSummary['counts'], 'awaited'>;
export type ItemsPage = z.infer<typeof itemsPage>;
export type Matches = z.infer<typeof matchesAnswer>;
export type Plan = PlanAnswer;
export type PlanState = keyof PlanAnswer['states'];
export type QuotaUse = z.infer<typeof quotaAnswer>;
export type SetsPage = z.infer<typeof setsPage>;
export type States = z.infer<typeof statesAnswer>;
export type Submitted = z.infer<typeof submitted>;
