#!/usr/bin/env node
/** The command of the npm package: says so where Node is too old for it, instead of failing at its first line. */
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `error: setlist needs Node.js 24 or later, and this is ${process.versions.node}\n` +
      'Install a newer Node.js, and give the command again.\n',
  );
  process.exit(3);
}
await import('./packages/cli/src/main.js');
