/** Files that the bundler takes in beside code. */
declare module '*.css';
