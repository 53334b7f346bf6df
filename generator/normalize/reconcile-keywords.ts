/** Keywords of one schema that contradict each other, so that nothing could satisfy them: read as what is meant. */

import { show } from './clean-text.js';
import { arrayOr, isObject, isOfType, objectOr } from './json-value.js';
import type { Reporter } from './reporter.js';

/** RFC 9562 section 4: 32 digits and four hyphens. */
const UUID_LENGTH = 36;

/** Values of `enum` and `const` that are written as another type than the one declared could never be sent. */
export function reconcileKeywords(out: Record<string, unknown>, pointer: string, reporter: Reporter): void {
  reconcileRequired(out, pointer, reporter);
  reconcileFormat(out, pointer, reporter);
  const values = out['enum'];
  const types = out['type'] === undefined ? [] : ([out['type']].flat() as string[]);
  if (!Array.isArray(values) || types.length === 0) return;
  const isAllowed = (value: unknown): boolean => types.some((type) => isOfType(value, type));
  if (values.every(isAllowed)) return;
  if (types.includes('array') && !values.some(Array.isArray)) {
    // The choice of an array's items, written one level too high.
    const message = 'enum lists values of the items, beside type array; it is read as theirs';
    reporter.warning(`${pointer}/enum`, 'invalid-schema', message, 'move enum into items');
    out['items'] = { ...(isObject(out['items']) ? out['items'] : {}), enum: values };
    delete out['enum'];
    return;
  }
  const repaired = new Map<string, unknown>();
  for (const value of values as unknown[]) {
    const kept = isAllowed(value) ? value : types.map((type) => readAs(value, type)).find((read) => read !== undefined);
    if (kept !== undefined) repaired.set(JSON.stringify(kept), kept);
  }
  const message = `values of enum are not of type ${types.join(', ')}`;
  reporter.warning(`${pointer}/enum`, 'invalid-schema', message, 'write the values as that type');
  if (repaired.size > 0) out['enum'] = [...repaired.values()];
  else delete out['type'];
}

/** A closed object that requires a property it does not allow allows nothing at all. */
function reconcileRequired(out: Record<string, unknown>, pointer: string, reporter: Reporter): void {
  const required = arrayOr(out['required']);
  const isOwn = ['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties'].every((keyword) => out[keyword] === undefined);
  if (out['additionalProperties'] !== false || !isOwn || required.length === 0) return;
  const properties = objectOr(out['properties']);
  const allowed = required.filter((name) => Object.hasOwn(properties, name as string));
  if (allowed.length === required.length) return;
  const forbidden = required.filter((name) => !allowed.includes(name)).map(show);
  const message = `${forbidden.join(', ')} is required, but the object allows no such property; it is not required`;
  reporter.warning(`${pointer}/required`, 'invalid-schema', message, 'list the property, or correct its name');
  if (allowed.length > 0) out['required'] = allowed;
  else delete out['required'];
}

/** Formats that leave no text for what stands beside them. */
function reconcileFormat(out: Record<string, unknown>, pointer: string, reporter: Reporter): void {
  const { format, minLength, maxLength, pattern } = out;
  const warn = (keyword: string, message: string, remedy: string): void =>
    reporter.warning(`${pointer}/${keyword}`, 'invalid-schema', message, remedy);
  const hasLength = Number(minLength ?? 0) <= UUID_LENGTH && Number(maxLength ?? Infinity) >= UUID_LENGTH;
  if (format === 'uuid' && !hasLength) {
    const message = 'no UUID is as long as minLength and maxLength say; neither they nor the format are checked';
    warn('format', message, 'correct the format or the lengths');
    for (const keyword of ['format', 'minLength', 'maxLength']) delete out[keyword];
  }
  if (format === 'email' && typeof pattern === 'string' && pattern.includes('\\\\')) {
    const message = `${show(pattern)} asks for a backslash, which no address has; it is read with one escape less`;
    warn('pattern', message, 'write each backslash of the pattern once less');
    out['pattern'] = pattern.replaceAll('\\\\', '\\');
  }
}

function readAs(value: unknown, type: string): unknown {
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : undefined;
  if (type === 'number' || type === 'integer') {
    const number = Number(value);
    return isOfType(number, type) ? number : undefined;
  }
  return undefined;
}
