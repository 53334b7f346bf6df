import assert from 'node:assert/strict';
import { discoverProviders } from '../../../generator/settings/discover-providers.js';
import { inFolder } from '../a-folder.js';

describe('discovery of providers', () => {
  it('finds single files and folders, with what stands beside the document, sorted by id', () =>
    inFolder(
      {
        'zeta.json': '{}',
        'beta.yml': '',
        'alpha/openapi.yaml': '',
        'alpha/provider.yaml': '',
        'alpha/overlay.json': '',
        'gamma/openapi.json': '{}',
        'delta.JSON': '{}',
        'README.md': 'not a document',
        '.hidden.yaml': '',
        '.add-1/x/openapi.yaml': '',
      },
      async (specsDir) => {
        const { providers, refused } = await discoverProviders(specsDir);
        assert.deepEqual(refused, []);
        assert.deepEqual(providers, [
          {
            id: 'alpha',
            specsDir,
            file: 'alpha/openapi.yaml',
            root: 'alpha',
            settingsFile: 'alpha/provider.yaml',
            overlayFile: 'alpha/overlay.json',
          },
          { id: 'beta', specsDir, file: 'beta.yml', root: 'beta.yml' },
          { id: 'delta', specsDir, file: 'delta.JSON', root: 'delta.JSON' },
          { id: 'gamma', specsDir, file: 'gamma/openapi.json', root: 'gamma' },
          { id: 'zeta', specsDir, file: 'zeta.json', root: 'zeta.json' },
        ]);
      },
    ));

  const REFUSED: [name: string, files: Record<string, string>, rule: string, message: string][] = [
    [
      'refuses a name that cannot be an id',
      { 'My API.yaml': '' },
      'provider-id',
      '"My API" cannot be a provider\'s id',
    ],
    [
      'refuses an id of more than 64 characters',
      { [`${'a'.repeat(65)}.yaml`]: '' },
      'provider-id',
      `"${'a'.repeat(65)}" cannot be a provider's id`,
    ],
    [
      'refuses a file and a folder of one id',
      { 'pets.yaml': '', 'pets/openapi.yaml': '' },
      'provider-clash',
      'the provider pets has more than one document: pets/openapi.yaml, pets.yaml',
    ],
    [
      'refuses two files of one id',
      { 'pets.yaml': '', 'pets.json': '' },
      'provider-clash',
      'the provider pets has more than one document: pets.json, pets.yaml',
    ],
    [
      'refuses two documents in a folder',
      { 'pets/openapi.yaml': '', 'pets/openapi.json': '' },
      'provider-clash',
      'the folder pets/ holds more than one document: openapi.json, openapi.yaml',
    ],
    [
      'refuses two settings files in a folder, of which one would go unread',
      { 'pets/openapi.yaml': '', 'pets/provider.yaml': '', 'pets/provider.yml': '' },
      'provider-clash',
      'the folder pets/ holds provider.yaml and provider.yml',
    ],
    [
      'refuses a folder without a document',
      { 'pets/provider.yaml': '' },
      'provider-without-document',
      'the folder pets/ holds no document',
    ],
  ];
  for (const [name, files, rule, message] of REFUSED) {
    it(name, () =>
      inFolder(files, async (specsDir) => {
        const { providers, refused } = await discoverProviders(specsDir);
        assert.deepEqual(providers, []);
        assert.deepEqual(
          refused.map((row) => [row.rule, row.message]),
          [[rule, message]],
        );
      }),
    );
  }
});
