/** A plain operation, in which a test overrides what it is about. */

import type { NormalizedOperation } from '../../generator/normalize/normalized-document.js';
import type { LocatedSettings } from '../../generator/settings/read-settings.js';
import type { Settings } from '../../generator/settings/settings.js';

export function anOperation(overrides: Partial<NormalizedOperation> = {}): NormalizedOperation {
  return {
    operation: 'list-pets',
    operationId: 'listPets',
    pointer: '/paths/~1pets/get',
    method: 'GET',
    path: '/pets',
    title: 'List pets',
    summary: 'Lists the pets.',
    description: 'Lists the pets of the shop.',
    tags: ['pets'],
    server: 'https://api.example.com',
    arguments: { type: 'object', properties: {}, required: [], additionalProperties: false },
    parameters: [],
    responses: [],
    security: [],
    example: {},
    ...overrides,
  };
}

/** Settings as if a provider.yaml had said them. */
export function located(settings: Settings): LocatedSettings {
  return { settings, locate: (path) => ({ file: 'pets/provider.yaml', pointer: `/${path.join('/')}` }) };
}
