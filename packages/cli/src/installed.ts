/** How this command came to be here, since a remedy must not name what is not: the npm package has no scripts. */

/** Whether it is a clone, which runs its sources as they are. */
const isClone = import.meta.filename.endsWith('.ts');

export const INSTALL_AGAIN = isClone
  ? 'Install the packages again: npm run setup.'
  : 'Install it again: npm install --global setlist.';

export const NEWER_NODE = isClone
  ? 'Run it by "npm run setlist -- …", which brings the Node that it needs.'
  : 'Install a newer Node.js.';
