/** A descriptor's path template: its fixed parts, as a URL holds them, and its expressions. */

const EXPRESSION = /\{([^{}]*)\}/g;

/** Some documents write a query into the path template; a fragment there only tells operations apart. */
export function splitTemplate(template: string): { path: string; query: string } {
  const [target = ''] = template.split('#', 1);
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

export function partsOf(template: string): readonly string[] {
  return template.split(EXPRESSION).map((part, index) => (index % 2 === 0 ? encodeFixedPart(part) : part));
}

/** The document's own text: kept, but for what a URL cannot hold. */
function encodeFixedPart(text: string): string {
  return text.replace(/[^\w.~!$&'()*+,;=:@/%-]+/gu, (run) => encodeURIComponent(run));
}

export function joinPaths(basePath: string, path: string): string {
  const base = basePath.replace(/\/+$/, '');
  return path === '' ? base || '/' : `${base}${path.startsWith('/') ? '' : '/'}${path}`;
}
