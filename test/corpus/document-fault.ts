/**
 * What a mock refuses because the document contradicts itself: arguments that one part of it allows and no request can
 * say by another. The call is named, and counts neither as accepted nor as refused. A rule holds for every document
 * alike: none names one.
 */

import type { Violation } from './judge-exchange.js';
import { isObject } from './openapi-document.js';
import type { Refusal } from './prism-limits.js';

const FORM = 'application/x-www-form-urlencoded';

/** The fault of the document's that explains the violation, or undefined where it has none. */
export function documentFault({ location, message }: Violation, refusal: Refusal): string | undefined {
  const { body } = refusal.arguments;
  const { headers, body: sent } = refusal.exchange;
  const isForm = headers['content-type'] === undefined || headers['content-type'].startsWith(FORM);
  if (location.length > 1 && location[1] !== 'body') return undefined;
  if (message.endsWith('Body parameter is required') && isForm && sent.length === 0 && isObject(body)) {
    const saysNothing = Object.values(body).every(isEmptyContainer);
    if (saysNothing) return 'the document lets a required form hold empty objects alone, and a form cannot say those';
  }
  return undefined;
}

function isEmptyContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isEmptyContainer);
}
