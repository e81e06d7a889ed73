/** How this command was installed. A remedy must not name what is missing: the npm package has no scripts. */

/** Whether this is a clone, which runs its TypeScript sources directly. */
const isClone = import.meta.filename.endsWith('.ts');

export const INSTALL_AGAIN = isClone
  ? 'Install the packages again: npm run setup.'
  : 'Install it again from the package that it was installed from.';

export const NEWER_NODE = isClone
  ? 'Run it with "npm run setlist -- …", which brings the Node that it needs.'
  : 'Install a newer Node.js.';
