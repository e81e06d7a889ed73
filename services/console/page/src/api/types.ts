/** The answers of the console's API: the server's own types, which leave nothing behind in the built page. */
export type * from '../../../src/answers.ts';
