/** Names made of phrases. */
export { slugify } from './slugify.ts';
