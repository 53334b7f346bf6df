/**
 * Parses and validates every document below a folder with swagger-parser, as a process: the least that any generator
 * has to do. Documents that it refuses are as much work as others and are not told. Argument: the folder.
 */

import { join } from 'node:path';

import SwaggerParser from '@apidevtools/swagger-parser';

import { discoverProviders } from '../../../generator/settings/discover-providers.js';

const specsDir = process.argv[2]!;
const { providers } = await discoverProviders(specsDir);
let refused = 0;
for (const { file } of providers) {
  try {
    await SwaggerParser.validate(join(specsDir, file), { resolve: { http: false } });
  } catch (error) {
    // swagger-parser throws errors of several kinds for what it does not accept, plain ones among them.
    if (!(error instanceof Error)) throw error;
    refused += 1;
  }
}
console.log(`${providers.length} documents, ${refused} refused`);
