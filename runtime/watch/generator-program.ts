/** Where the generator's programs lie: beside the runtime, as source or compiled, like the runtime itself. */

import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export function generatorProgram(name: 'main' | 'watch'): string {
  return fileURLToPath(new URL(`../../generator/cli/${name}${extname(import.meta.url)}`, import.meta.url));
}
