/** The version of the fold that made a projection: another version can give other documents for the same events. */

/**
 * To be raised whenever `evolve` starts to give other documents for a log, for example because it can read an event
 * that it skipped before, of a new type or a new version.
 */
export const FOLD_VERSION = 1;
