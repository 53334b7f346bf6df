/** Writes the provider.yaml that `add` and `import` put beside a document: filled where it is known, commented else. */

import { stringify } from 'yaml';
import type { SecurityScheme } from '../contract.js';
import { credentialVariable } from '../normalize/provider-variable.js';

export interface Skeleton {
  readonly id: string;
  readonly title: string;
  readonly categories: readonly string[];
  /** Set where the document names no host of its own, and its URL does. */
  readonly server?: string;
  /** Operations for which neither does, of how many there are. */
  readonly hostless?: number;
  readonly operations?: number;
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** Keys that the document's own `x-tollgate` has: said here, they would take its place. */
  readonly said?: readonly string[];
}

/** YAML text. Everything that a document said is quoted by the YAML library. */
export function providerSkeleton(skeleton: Skeleton): string {
  const { id, title, categories, server, securitySchemes, hostless = 0, operations = 0 } = skeleton;
  const schemes = Object.keys(securitySchemes);
  const unlessSaid = (key: string, lines: readonly string[]): readonly string[] =>
    skeleton.said?.includes(key) === true
      ? [`# ${key}: as the document's x-tollgate says; what is said here wins`]
      : lines;
  return [
    '# All of this is optional; openapi.* beside it stays as the vendor publishes it.',
    ...unlessSaid('title', [`title: ${inline(title)}`]),
    ...unlessSaid('categories', [
      categories.length > 0 ? `categories: ${inline(categories)}` : '# categories: [developer-tools]',
    ]),
    ...(server === undefined ? [] : [`server: ${inline(server)}`]),
    ...(hostless === 0
      ? []
      : hostless === operations
        ? [
            '# The document names no host, and nothing can be called until this does.',
            '# server: https://api.example.com',
          ]
        : [
            `# The server of ${hostless} of ${operations} operations names no host: they cannot be called until an overlay.yaml beside`,
            '# this gives them one. A server that is named here takes the place of all, of those with a host too.',
          ]),
    ...(schemes.length === 0
      ? []
      : [
          '# Each credential is read from the environment when the gateway starts; it never stands in a file here.',
          'credentials:',
          ...schemes.map((scheme) => `  ${inline(scheme)}: { env: ${credentialVariable(id, scheme)} }`),
        ]),
    ...unlessSaid('pricing', [
      '# USDC; rules before the default, the first that matches an operation wins.',
      'pricing:',
      '  default: { model: per_call, amount: "0.001" }',
      '  # rules:',
      '  #   - match: { method: GET, path: "/status*" }',
      '  #     price: { model: free }',
    ]),
    '',
  ].join('\n');
}

function inline(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }).trim();
}
