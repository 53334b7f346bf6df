import assert from 'node:assert/strict';
import { operationMatcher } from '../../../generator/settings/operation-match.js';
import type { OperationMatch } from '../../../generator/settings/settings.js';
import { anOperation } from '../an-operation.js';

describe('a match of operations', () => {
  const operation = anOperation({
    operationId: 'getPet',
    operation: 'get-pet',
    method: 'GET',
    path: '/shop/pets/{petId}',
    tags: ['pets', 'public'],
  });
  const CASES: [name: string, match: OperationMatch, want: boolean][] = [
    ['by operationId', { operationId: 'getPet' }, true],
    ['not by another operationId', { operationId: 'getPets' }, false],
    ['not by the derived name where there is an operationId', { operationId: 'get-pet' }, false],
    ['by any of its tags', { tag: 'public' }, true],
    ['not by another tag', { tag: 'admin' }, false],
    ['by method, whatever the letter case', { method: 'get' }, true],
    ['not by another method', { method: 'POST' }, false],
    ['by the whole path', { path: '/shop/pets/{petId}' }, true],
    ['not by a part of the path', { path: '/shop/pets' }, false],
    ['by a star within a segment', { path: '/shop/pe*/{petId}' }, true],
    ['not by a star across segments', { path: '/shop/*' }, false],
    ['by two stars across segments', { path: '/shop/**' }, true],
    ['with the dot as a dot', { path: '/shop.pets/{petId}' }, false],
    ['by one of a list', { method: ['POST', 'GET'] }, true],
    ['only where all conditions hold', { method: 'GET', tag: 'admin' }, false],
  ];
  for (const [name, match, want] of CASES) {
    it(`fits ${name}`, () => assert.equal(operationMatcher(match)(operation), want));
  }

  it('fits an operation without an operationId by its derived name', () => {
    const unnamed = anOperation({ ...operation, operationId: undefined });
    assert.equal(operationMatcher({ operationId: 'get-pet' })(unnamed), true);
  });

  it('runs in bounded time on a glob of many stars', () => {
    const match = operationMatcher({ path: `${'*a'.repeat(200)}b` });
    assert.equal(match(anOperation({ path: 'a'.repeat(2000) })), false);
  });
});
