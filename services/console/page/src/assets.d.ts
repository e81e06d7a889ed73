/** Non-code files that the bundler accepts. */
declare module '*.css';
