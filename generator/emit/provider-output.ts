/** Everything that is written for one provider: its files' texts, and its share of the catalogue and the manifest. */

import type { CatalogueEntry, EndpointDescriptor, JsonSchema, ProviderDescriptor } from '../contract.js';
import type { NormalizedDocument } from '../normalize/normalized-document.js';
import type { PricedOperation } from '../price/price-operations.js';
import type { Findings, Place } from '../report/findings.js';
import { catalogueRow, type CatalogueShare } from './catalogue-files.js';
import { byCodePoint } from './code-point-order.js';
import { providerFile, providerFileText } from './provider-file.js';
import { sha256 } from './sha256.js';
import { typesDocument, type TypesDocument } from './types-document.js';

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
  /** The same endpoints in the same order, sorted by id. */
  readonly operations: readonly PricedOperation[];
  readonly endpoints: readonly EndpointDescriptor[];
  readonly entries: readonly CatalogueEntry[];
  readonly sources: readonly SourceFile[];
}

/**
 * Texts of the provider's files. Types that could not be made are a loss, and `unknown` in the endpoints' types. The
 * compilers that make types are loaded only where types are wanted: they take longer to load than most documents to
 * generate.
 */
export async function providerOutput(
  emitted: EmittedProvider,
  openapi31: NormalizedDocument['openapi31'],
  withTypes: boolean,
  place: (pointer: string) => Place,
  findings: Findings,
): Promise<ProviderOutput> {
  const { id } = emitted.provider;
  const folder = `providers/${id}`;
  const file = providerFile(emitted.provider, emitted.definitions, emitted.endpoints);
  const files: OutputFile[] = [{ file: `${folder}/descriptors.json`, text: providerFileText(file) }];
  if (withTypes) {
    const { endpointsSource } = await import('./endpoints-source.js');
    const { text, types } = await typesOf(emitted, openapi31, place, findings);
    const source = endpointsSource(emitted.operations, emitted.endpoints, emitted.definitions, types);
    files.push({ file: `${folder}/endpoints.ts`, text: source });
    files.push({ file: `${folder}/types.ts`, text });
  }
  const { title, summary, categories, seller } = emitted.provider;
  return {
    files,
    share: {
      provider: { id, title, summary, categories, seller, endpoints: emitted.endpoints.length },
      rows: emitted.entries.map(catalogueRow),
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

async function typesOf(
  emitted: EmittedProvider,
  openapi31: NormalizedDocument['openapi31'],
  place: (pointer: string) => Place,
  findings: Findings,
): Promise<{ readonly text: string; readonly types: TypesDocument | undefined }> {
  const { id } = emitted.provider;
  const { typesSource, unknownTypes } = await import('./types-source.js');
  try {
    const types = typesDocument(openapi31, emitted.operations);
    const text = typesSource(types);
    for (const reference of types.unresolved) {
      findings.losses.push({
        ...place(''),
        endpoint: id,
        what: `the type of ${JSON.stringify(reference)} in types.ts`,
        why: 'the reference leads nowhere',
      });
    }
    return { text, types };
  } catch (error) {
    // openapi-typescript throws plain Errors for what it does not understand; anything else is a bug of ours.
    if (!(error instanceof Error)) throw error;
    findings.losses.push({
      ...place(''),
      endpoint: id,
      what: 'the types of all arguments and answers in types.ts and endpoints.ts',
      why: `openapi-typescript could not carry the document over: ${error.message}`,
    });
    return { text: unknownTypes(), types: undefined };
  }
}
