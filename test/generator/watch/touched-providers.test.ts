import assert from 'node:assert/strict';

import { touchedProviders } from '../../../generator/watch/touched-providers.js';

describe('the providers that a path belongs to', () => {
  const TABLE: readonly (readonly [name: string, path: string, want: readonly string[]])[] = [
    ['a document of its own', 'nasa.yaml', ['nasa.yaml', 'nasa']],
    ['a document in capitals', 'nasa.YAML', ['nasa.YAML', 'nasa']],
    ['a folder, or a file without an extension', 'github', ['github']],
    ["a folder's document", 'github/openapi.json', ['github']],
    ['what it refers to, however deep', 'github/schemas/a/b.yaml', ['github']],
    ['a folder that is named like a file', 'a.json/openapi.yaml', ['a.json']],
    ['the folder of all documents', '', []],
    ['a hidden file', '.nasa.yaml.swp', []],
    ['a hidden file in a folder', 'github/.openapi.yaml.swp', []],
    ['what lies in a hidden folder', '.add-x1/github/openapi.yaml', []],
  ];
  for (const [name, path, want] of TABLE) {
    it(`are right for ${name}`, () => assert.deepEqual(touchedProviders(path), want));
  }
});
