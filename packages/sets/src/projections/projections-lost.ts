/** The errors of projections in the bucket that a tracker can't continue from. */

/** The bucket's content can't be what this fold made of this log: the projections have to be rebuilt from the log. */
export class ProjectionsLost extends Error {
  override readonly name = 'ProjectionsLost';
  readonly code = 'projections-lost';
}

/** The log has lost events of which the projections were made, for example in a power cut, or is another log. */
export class LogLost extends ProjectionsLost {}

/** The projections were deleted, and are perhaps being rebuilt already: the bucket has to be checked again. */
export class ProjectionsWentBack extends Error {
  override readonly name = 'ProjectionsWentBack';
  readonly code = 'projections-went-back';
}

/** A newer version maintains the projections: the two versions would rebuild them over each other forever. */
export class ProjectionsNewer extends Error {
  override readonly name = 'ProjectionsNewer';
  readonly code = 'projections-newer';
  readonly remedy =
    'Run the newer version. To go back to this one, stop all trackers of the newer one, then rebuild the projections with this version\'s "setlist audit verify --repair" on this log (--data or --server).';
}
