import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

describe('the package', () => {
  const providers = readdirSync('generated/providers');
  for (const [name, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    it(`has a source for ${name}, with its types beside`, () => {
      const code = target.default.replace(/\.js$/, '');
      assert.equal(target.types, `${code}.d.ts`);
      for (const provider of name.includes('*') ? providers : ['']) {
        const source = `${code.replace('./dist/', '').replace('*', provider)}.ts`;
        assert.ok(existsSync(source), source);
        const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8')) as { include: readonly string[] };
        assert.ok(include.includes(source.split('/')[0]!), `${source} is not built`);
      }
    });
  }

  it('carries what it runs on, and nothing that only its build is for', function () {
    this.timeout(60_000);
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
    const [{ files }] = JSON.parse(packed) as [{ readonly files: readonly { readonly path: string }[] }];
    const paths = files.map(({ path }) => path);
    assert.ok(paths.includes('dist/runtime/cli/tollgate.js') && paths.includes('generated/catalogue.json'));
    assert.deepEqual(
      paths.filter((path) => /tsbuildinfo$|^test\/|\.(key|db|log)$/.test(path)),
      [],
    );
  });

  it('loads no gateway with the client: what it imports from elsewhere is types', () => {
    const statements = readdirSync('runtime/client').flatMap((file) => [
      ...readFileSync(`runtime/client/${file}`, 'utf8').matchAll(/^(?:import|export)\b[^;]*? from '(?!\.\/)[^']*'/gm),
    ]);
    assert.ok(statements.length > 0);
    assert.deepEqual(
      statements.map(([statement]) => statement).filter((statement) => !/^(import|export) type /.test(statement)),
      [],
    );
  });
});
