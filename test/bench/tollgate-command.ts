/**
 * How the bench runs the gateway: from `dist/`, as operators do, or from the sources where there is no build or an old
 * one. The choice stands among the facts of a run, since a start from the sources is several times slower.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';

export interface TollgateCommand {
  /** What node is given before the command's own arguments. */
  readonly args: readonly string[];
  readonly from: 'dist' | 'sources';
  readonly told: string;
}

/** Those of `npm start`. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

export function tollgateCommand(): TollgateCommand {
  const built = builtAtMs();
  const sources = Math.max(...['runtime', 'generator'].map((dir) => newestMs(join(PACKAGE_ROOT, dir))));
  if (built !== undefined && built >= sources) {
    return { args: [...NODE_FLAGS, 'dist/runtime/cli/tollgate.js'], from: 'dist', told: 'dist/' };
  }
  const why = built === undefined ? 'there is no dist/' : 'dist/ is older than the sources';
  const told = `the sources through tsx, as ${why} (npm run build makes it; starts are slower this way)`;
  return { args: ['--import', 'tsx', 'runtime/cli/tollgate.ts'], from: 'sources', told };
}

function builtAtMs(): number | undefined {
  const program = join(PACKAGE_ROOT, 'dist/runtime/cli/tollgate.js');
  if (statSync(program, { throwIfNoEntry: false }) === undefined) return undefined;
  return statSync(join(PACKAGE_ROOT, 'dist/.tsbuildinfo'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(dir: string): number {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
