/** What the console's API answers: the server's own types, of which nothing is left in the built page. */
export type * from '../../../src/answers.ts';
