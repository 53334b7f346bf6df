import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Data flows one way, and so do imports: specs → generator → generated → runtime. */
const mayNotImport = (files, pattern, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: pattern, message }] }] },
});

export default tseslint.config(
  { ignores: ['dist/', 'generated/', '.cache/', 'data/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js', 'generator/cli/*.mjs'] } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  mayNotImport(['runtime/**/*.ts'], '/generator/', 'runtime/ reads generated/, it never imports the generator'),
  mayNotImport(['generator/**/*.ts'], '/(runtime|generated)/', 'generator/ stands on its own'),
  {
    // `process.env` has one reader: config.ts validates what it reads.
    files: ['runtime/**/*.ts'],
    ignores: ['runtime/config.ts'],
    rules: { 'no-restricted-properties': ['error', { object: 'process', property: 'env' }] },
  },
  {
    // What a command prints is its product.
    files: ['runtime/cli/**/*.ts', 'generator/cli/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
