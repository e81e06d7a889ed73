/** What whoever keeps projections has to expect of those that are there. */

/** What the bucket has can't be what this fold made of this log: the projections have to be made anew from the log. */
export class ProjectionsLost extends Error {
  override readonly name = 'ProjectionsLost';
  readonly code = 'projections-lost';
}

/** Somebody deleted them, and perhaps makes all of them anew already: what is there has to be looked at again. */
export class ProjectionsWentBack extends Error {
  override readonly name = 'ProjectionsWentBack';
  readonly code = 'projections-went-back';
}

/** A newer version keeps the projections: made anew by this one they would be lost to it, and by it to this one, for ever. */
export class ProjectionsNewer extends Error {
  override readonly name = 'ProjectionsNewer';
  readonly code = 'projections-newer';
  readonly remedy =
    'Run the newer version. To go back to this one, end all trackers of the newer, then let "setlist audit verify --repair" of this one make the projections anew.';
}
