/** Which fold made a projection: another one may make others of the same events. */

/** One more whenever `evolve` comes to make other documents of a log that it could read before. */
export const FOLD_VERSION = 1;
