/**
 * Follows `specs/` while the gateway runs. The generator's process writes each new catalogue into a folder of its own
 * below the data directory, never into the committed one, and names it here; it is opened, indexed and swapped in whole.
 * The folder of the one before is deleted when nobody reads from it any more. A catalogue that cannot be used is
 * reported, and the one before stays.
 */

import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { Catalogue } from '../catalogue/catalogue.js';
import { GeneratorProcess, type GeneratorMessage } from './generator-process.js';
import { generatorProgram } from './generator-program.js';
import { ownFolder } from './own-folder.js';

export interface WatchOptions {
  readonly specsDir: string;
  readonly dataDir: string;
  /** What is served at the start. */
  readonly catalogue: Catalogue;
  /** Opens the catalogue in the folder and serves it from then on. */
  readonly use: (dir: string) => Promise<Catalogue>;
  readonly say: (line: string) => void;
}

export interface Watch {
  close(): Promise<void>;
}

/** Starts at once; what is in `specsDir` and not yet in the catalogue is brought in first. */
export function watchSpecs({ specsDir, dataDir, catalogue, use, say }: WatchOptions): Watch {
  const folder = ownFolder(join(dataDir, 'watch'));
  let serving = catalogue;
  const waiting: GeneratorMessage[] = [];
  let bringing: Promise<void> | undefined;

  const bringNext = async (): Promise<void> => {
    for (let messages = waiting.splice(0); messages.length > 0; messages = waiting.splice(0)) {
      // Of several that came meanwhile the last one holds all that is new.
      const dir = messages.findLast((message) => message.catalogue !== undefined)?.catalogue;
      const fault = dir === undefined ? undefined : await swap(dir);
      for (const line of fault === undefined ? messages.flatMap(({ told }) => told) : [fault]) say(line);
    }
  };
  /** Resolves with what was wrong, if anything was. */
  const swap = async (dir: string): Promise<string | undefined> => {
    const before = serving;
    try {
      serving = await use(dir);
    } catch (error) {
      // Whatever it is: calls are under way on the catalogue before, and go on.
      return `the new catalogue is not used: ${(error as Error).message}`;
    }
    await before.settled();
    await deleteEarlier(folder, basename(dir)).catch((error: Error) => {
      // The next change tries again; the new catalogue is served all the same.
      say(`an earlier catalogue could not be deleted: ${error.message}`);
    });
    return undefined;
  };

  const generator = new GeneratorProcess({
    program: generatorProgram('watch'),
    args: () => [specsDir, serving.dir, folder],
    say,
    onMessage: (message) => {
      waiting.push(message);
      bringing ??= bringNext().finally(() => (bringing = undefined));
    },
  });
  return {
    close: async () => {
      await generator.close();
      await bringing;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The generator numbers its folders; what has another name is not yet complete. */
async function deleteEarlier(folder: string, than: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const isEarlier = /^\d+$/.test(name) && Number(name) < Number(than);
    if (isEarlier) await rm(join(folder, name), { recursive: true, force: true });
  }
}
