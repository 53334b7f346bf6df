import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runInThreads } from '../../../generator/cli/run-in-threads.js';
import { generate, generateProvider, type RunAll } from '../../../generator/generate.js';
import { LiveCatalogue, type LiveStep } from '../../../generator/watch/live-catalogue.js';

describe('a live catalogue', function () {
  this.timeout(60_000);
  let dir: string;
  let specsDir: string;
  let seedDir: string;
  let outDir: string;
  /** Providers that were generated since the catalogue was opened. */
  let generated: string[];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-live-'));
    [specsDir, seedDir, outDir] = ['specs', 'seed', 'out'].map((name) => join(dir, name)) as [string, string, string];
    for (const folder of [specsDir, seedDir, outDir]) mkdirSync(folder);
    write('a.json', documentOf('a', ['one']));
    write('b/openapi.json', documentOf('b', ['one', 'two']));
    write('b/provider.yaml', 'title: Bee\n');
    const { files } = await generate({ specsDir, allowRemoteRefs: false, types: false });
    for (const { file, text } of files) {
      mkdirSync(join(seedDir, file, '..'), { recursive: true });
      writeFileSync(join(seedDir, file), text);
    }
    generated = [];
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    mkdirSync(join(specsDir, file, '..'), { recursive: true });
    writeFileSync(join(specsDir, file), text);
  }

  function documentOf(title: string, operations: readonly string[]): string {
    const paths = Object.fromEntries(
      operations.map((name) => [`/${name}`, { get: { operationId: name, responses: { 200: { description: 'ok' } } } }]),
    );
    return JSON.stringify({
      openapi: '3.1.0',
      info: { title, version: '1' },
      servers: [{ url: 'https://x.example' }],
      paths,
    });
  }

  const runAll: RunAll = async (sources, options, onResult) => {
    for (const [index, source] of sources.entries()) {
      generated.push(source.id);
      onResult(index, await generateProvider(source, options));
    }
  };
  const open = (run = runAll) => LiveCatalogue.open({ specsDir, seedDir, outDir, runAll: run });
  const steps = ({ providers }: LiveStep) => providers.map(({ provider, step }) => `${provider} ${step}`);
  const ids = (catalogue: string | undefined) =>
    (
      JSON.parse(readFileSync(join(catalogue!, 'catalogue.json'), 'utf8')) as { endpoints: { id: string }[] }
    ).endpoints.map(({ id }) => id);

  it('generates nothing, and writes nothing, where nothing differs', async () => {
    const step = await (await open()).follow();
    assert.deepEqual([steps(step), step.catalogue, generated, readdirSync(outDir)], [[], undefined, [], []]);
    assert.deepEqual(step.total, { providers: 2, endpoints: 3 });
  });

  const CHANGES: readonly (readonly [name: string, change: () => void, want: readonly string[]])[] = [
    ['a document', () => write('a.json', documentOf('a', ['one', 'three'])), ['a changed']],
    ['a provider.yaml', () => write('b/provider.yaml', 'title: Sea\n'), ['b changed']],
    ['a provider.yaml that is gone', () => rmSync(join(specsDir, 'b/provider.yaml')), ['b changed']],
    ['a document that is new', () => write('c.json', documentOf('c', ['one'])), ['c new']],
    ['a document that is gone', () => rmSync(join(specsDir, 'a.json')), ['a gone']],
    [
      'a document that says the same in other words',
      () => write('a.json', ` ${documentOf('a', ['one'])}`),
      ['a as before'],
    ],
  ];
  for (const [name, change, want] of CHANGES) {
    it(`brings in ${name}, and generates nothing else`, async () => {
      const live = await open();
      change();
      const step = await live.follow();
      assert.deepEqual(steps(step), want);
      const [id, what] = want[0]!.split(/ (.*)/);
      assert.deepEqual(generated, what === 'gone' ? [] : [id]);
    });
  }

  it('writes, change by change, what a generation of everything would write', async () => {
    const live = await open();
    write('c.json', documentOf('c', ['one']));
    await live.follow(new Set(['c']));
    rmSync(join(specsDir, 'a.json'));
    const { catalogue } = await live.follow(new Set(['a']));
    const { files } = await generate({ specsDir, allowRemoteRefs: false, types: false });
    for (const { file, text } of files) {
      if (file !== 'contract.ts') assert.equal(readFileSync(join(catalogue!, file), 'utf8'), text, file);
    }
    assert.deepEqual(readdirSync(join(catalogue!, 'providers')), ['b', 'c']);
  });

  it('keeps of a provider that is refused what it was, with the others brought in', async () => {
    const live = await open();
    write('a.json', '{');
    write('b/openapi.json', documentOf('b', ['four']));
    const step = await live.follow();
    assert.deepEqual(steps(step), ['a refused', 'b changed']);
    assert.deepEqual(ids(step.catalogue), ['a/one', 'b/four']);
    assert.deepEqual([step.providers[0]!.served, step.providers[0]!.endpoints], [true, 1]);
    assert.equal(step.providers[0]!.refused![0]!.file, 'a.json');
  });

  it('keeps a provider that has two documents for a time', async () => {
    const live = await open();
    write('a/openapi.json', documentOf('a', ['five']));
    assert.deepEqual(steps(await live.follow(new Set(['a']))), ['a refused']);
    rmSync(join(specsDir, 'a.json'));
    const step = await live.follow(new Set(['a']));
    assert.deepEqual(ids(step.catalogue), ['a/five', 'b/one', 'b/two']);
  });

  it('goes on with the others where the generator fails on one', async () => {
    const failing: RunAll = async (sources, options, onResult) => {
      if (sources.some(({ id }) => id === 'a')) throw new TypeError('a bug');
      await runAll(sources, options, onResult);
    };
    const live = await open(failing);
    write('a.json', documentOf('a', ['six']));
    write('b/openapi.json', documentOf('b', ['six']));
    const step = await live.follow();
    assert.deepEqual(steps(step), ['a failed', 'b changed']);
    assert.deepEqual(ids(step.catalogue), ['a/one', 'b/six']);
    assert.equal(step.providers[0]!.error!.message, 'a bug');
  });

  it('goes on from the folder that an earlier one wrote last', async () => {
    write('c.json', documentOf('c', ['one']));
    const first = await (await open()).follow();
    seedDir = first.catalogue!;
    mkdirSync(join(outDir, '.2/providers'), { recursive: true });
    write('d.json', documentOf('d', ['one']));
    const second = await (await open(runInThreads(1))).follow();
    assert.deepEqual(
      [first, second].map(({ catalogue }) => catalogue),
      [join(outDir, '1'), join(outDir, '2')],
    );
    assert.deepEqual(steps(second), ['d new']);
  });
});
