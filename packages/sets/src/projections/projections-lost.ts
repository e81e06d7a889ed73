/** The one failure that whoever keeps projections has to expect, and knows what to do about. */

/** What the bucket has can't be what this fold made of this log: the projections have to be made anew from the log. */
export class ProjectionsLost extends Error {
  override readonly name = 'ProjectionsLost';
  readonly code = 'projections-lost';
}

/** Somebody deleted the position, and perhaps makes all of them anew already: what is there has to be looked at again. */
export class PositionWentBack extends Error {
  override readonly name = 'PositionWentBack';
  readonly code = 'position-went-back';
}
