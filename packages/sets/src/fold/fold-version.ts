/** Which fold made a projection: another one may make others of the same events. */

/**
 * One more whenever `evolve` comes to make other documents of a log: also of one in which an event can be read from now on
 * that was passed over, be it of a new type or of a new version.
 */
export const FOLD_VERSION = 1;
