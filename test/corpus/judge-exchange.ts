/**
 * Says what Prism made of a request. Prism tells a request that breaks the document in two ways: with the document's own
 * answer for it (400, 401, 422) and an `sl-violations` header, or with a problem of its own (RFC 9457) where the document
 * has no such answer. What is neither is an accepted request, or a fault of Prism's own, which is told apart.
 */

import { isObject } from './openapi-document.js';
import type { Exchange } from './wire-tap.js';

export type Judgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly violations: readonly Violation[] }
  /** The mock has a fault of its own, and says nothing of the request. */
  | { readonly kind: 'unanswered'; readonly cause: string };

export interface Violation {
  /** `request`, then where in it: `query.limit`, `body.items.0`. */
  readonly location: readonly string[];
  readonly code: string;
  readonly message: string;
}

type Row = Violation & { readonly severity: string };

/** Problems by which Prism refuses a request, below `https://stoplight.io/prism/errors#`. The others are its own. */
const REFUSALS = new Set([
  'UNPROCESSABLE_ENTITY',
  'UNAUTHORIZED',
  'INVALID_CONTENT_TYPE',
  'NOT_ACCEPTABLE',
  'NO_PATH_MATCHED_ERROR',
  'NO_METHOD_MATCHED_ERROR',
  'NO_PATH_SERVER_MATCHED_ERROR',
  'NO_SERVER_MATCHED_ERROR',
]);
const PROBLEM = 'https://stoplight.io/prism/errors#';

export function judgeExchange({ answer, fault }: Exchange): Judgement {
  if (fault !== undefined) return { kind: 'unanswered', cause: `it did not answer: ${fault}` };
  const header = answer.headers['sl-violations'];
  const violations = typeof header === 'string' ? readViolations(header) : [];
  if (violations.length > 0) return { kind: 'refused', violations };

  const problem = readProblem(answer.body);
  if (problem === undefined) return { kind: 'accepted' };
  const name = problem.type.slice(PROBLEM.length);
  if (!REFUSALS.has(name)) return { kind: 'unanswered', cause: `${name}: ${problem.detail}`.slice(0, 200) };
  return {
    kind: 'refused',
    violations:
      problem.violations.length > 0
        ? problem.violations
        : [{ location: ['request'], code: name, message: problem.detail || name }],
  };
}

/** The violations of the request that are errors; those of the mock's own answer are not the gateway's. */
function readViolations(header: string): readonly Violation[] {
  // A header that would be too long is cut off, behind these words.
  const cut = /^Too many violations! (.*)$/s.exec(header)?.[1];
  if (cut !== undefined) {
    return cut.includes('"location":["request"')
      ? [{ location: ['request'], code: 'many', message: cut.slice(0, 300) }]
      : [];
  }
  const rows = JSON.parse(header) as Row[];
  return rows.filter((row) => row.severity === 'Error' && row.location[0] === 'request');
}

function readProblem(
  body: Buffer,
): { readonly type: string; readonly detail: string; readonly violations: readonly Violation[] } | undefined {
  if (!body.includes(PROBLEM)) return undefined;
  let problem: unknown;
  try {
    problem = JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  if (!isObject(problem) || typeof problem.type !== 'string' || !problem.type.startsWith(PROBLEM)) return undefined;
  const { type, detail, validation } = problem;
  return {
    type,
    detail: typeof detail === 'string' ? detail : '',
    violations: Array.isArray(validation)
      ? // What is wrong with the request as a whole has no location.
        (validation as Partial<Row>[])
          .filter(({ severity }) => severity !== 'Warning')
          .map(({ location = [], code = '', message = '' }) => ({ code, message, location: ['request', ...location] }))
      : [],
  };
}
