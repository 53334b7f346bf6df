/**
 * Globs over path templates: `*` is any run of characters within one segment, `**` any run of characters at all.
 * Everything else, braces of a path template included, stands for itself.
 */

import { RE2JS } from 're2js';

/**
 * Compiles a glob to a test of the whole path. The patterns may come from a document that nobody here wrote, so they run
 * on a linear-time engine.
 */
export function pathGlob(glob: string): (path: string) => boolean {
  const pattern = glob
    .split(/(\*{2,}|\*)/)
    .map((part) => (part === '*' ? '[^/]*' : /^\*{2,}$/.test(part) ? '.*' : RE2JS.quote(part)))
    .join('');
  const compiled = RE2JS.compile(`^(?:${pattern})$`, RE2JS.DOTALL);
  return (path) => compiled.matches(path);
}
