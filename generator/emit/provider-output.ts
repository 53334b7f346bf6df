/** Everything that is written for one provider: its files' texts, and its share of the catalogue and the manifest. */

import type { CatalogueEntry, EndpointDescriptor, JsonSchema, ProviderDescriptor, ProviderFile } from '../contract.js';
import type { Findings, Place } from '../report/findings.js';
import { securityNeeds } from '../index/security-needs.js';
import { catalogueRows, type CatalogueShare } from './catalogue-files.js';
import { byCodePoint } from './code-point-order.js';
import { DESCRIPTORS } from './descriptors-file.js';
import { endpointNames } from './endpoint-names.js';
import { providerFile, providerFileText } from './provider-file.js';
import { sha256 } from './sha256.js';
import { typeNames } from './type-names.js';

export interface OutputFile {
  /** Path below the output folder, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

export interface ProviderOutput {
  readonly files: readonly OutputFile[];
  readonly share: CatalogueShare;
}

/** A source file below `specs/`, for the manifest. */
export interface SourceFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface EmittedProvider {
  readonly provider: ProviderDescriptor;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  /** Sorted by id. */
  readonly endpoints: readonly EndpointDescriptor[];
  readonly entries: readonly CatalogueEntry[];
  readonly sources: readonly SourceFile[];
}

/** With more endpoints than this the types are larger than an editor or a compiler takes at once. */
export const MOST_TYPED_ENDPOINTS = 2500;

/**
 * Texts of the provider's files. A provider with more than `MOST_TYPED_ENDPOINTS` has `unknown` for the types of its
 * arguments and answers, which is a loss. The compilers that make types are loaded only where types are wanted: they take
 * longer to load than most documents to generate.
 */
export async function providerOutput(
  emitted: EmittedProvider,
  withTypes: boolean,
  place: (pointer: string) => Place,
  findings: Findings,
): Promise<ProviderOutput> {
  const { id } = emitted.provider;
  const folder = `providers/${id}`;
  const file = providerFile(emitted.provider, emitted.definitions, emitted.endpoints);
  const files: OutputFile[] = [{ file: `${folder}/${DESCRIPTORS}`, text: providerFileText(file) }];
  if (withTypes) files.push(...(await typedFiles(file, folder)));
  if (withTypes && !isTyped(file)) {
    findings.losses.push({
      ...place(''),
      endpoint: id,
      what: 'the types of all arguments and answers in types.ts and endpoints.ts',
      why: `its ${String(emitted.endpoints.length)} endpoints are more than a compiler takes the types of at once`,
      rule: 'types-too-many',
      remedy: `leave at most ${String(MOST_TYPED_ENDPOINTS)} with operations.exclude in provider.yaml`,
    });
  }
  const { title, summary, categories, seller } = emitted.provider;
  const { needs } = securityNeeds(emitted.endpoints);
  const { securitySchemes, credentials } = emitted.provider;
  return {
    files,
    share: {
      provider: {
        id,
        title,
        summary,
        categories,
        seller,
        endpoints: emitted.endpoints.length,
        ...(needs.length > 0 && { access: { securitySchemes, credentials, needs } }),
      },
      rows: catalogueRows(emitted.entries),
      manifest: {
        id,
        endpoints: emitted.endpoints.length,
        sources: emitted.sources
          .map((source) => ({ file: source.file, sha256: sha256(source.bytes) }))
          .sort((left, right) => byCodePoint(left.file, right.file)),
        files: files.map((each) => ({ file: each.file, sha256: sha256(each.text) })),
      },
    },
  };
}

function isTyped({ endpoints }: ProviderFile): boolean {
  return endpoints.length <= MOST_TYPED_ENDPOINTS;
}

async function typedFiles(file: ProviderFile, folder: string): Promise<readonly OutputFile[]> {
  const { provider, endpoints, definitions } = file;
  const [{ endpointsSource }, { typesSource }] = await Promise.all([
    import('./endpoints-source.js'),
    import('./types-source.js'),
  ]);
  const members = endpointNames(endpoints.map((endpoint) => endpoint.id.slice(provider.id.length + 1)));
  const names = isTyped(file) ? typeNames(members, Object.keys(definitions).sort(byCodePoint)) : undefined;
  return [
    { file: `${folder}/endpoints.ts`, text: endpointsSource(provider, endpoints, members, names) },
    ...(names === undefined ? [] : [{ file: `${folder}/types.ts`, text: typesSource(endpoints, definitions, names) }]),
  ];
}
