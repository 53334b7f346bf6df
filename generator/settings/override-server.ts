/** Puts the settings' `server` in the place of whatever servers the document names. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings } from '../report/findings.js';
import type { LocatedSettings } from './read-settings.js';
import { without } from './without.js';

/**
 * Operations with the overriding server, without a trailing slash. Server variables that it does not name any more are
 * no arguments either; one that it names and an operation does not have is refused. Warnings about the document's own
 * servers are withdrawn: they say to do what has been done.
 */
export function overrideServer(
  operations: readonly NormalizedOperation[],
  located: LocatedSettings,
  provider: string,
  findings: Findings,
): readonly NormalizedOperation[] {
  const { server } = located.settings;
  if (server === undefined) return operations;
  const url = server.replace(/\/+$/, '');
  const wanted = [...url.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '');
  const unknown = wanted.find((name) =>
    operations.some((operation) => !operation.parameters.some((each) => each.in === 'server' && each.name === name)),
  );
  if (unknown !== undefined || !isOrigin(url)) {
    findings.refused.push({
      ...located.locate(['server']),
      provider,
      rule: 'settings-value',
      message:
        unknown === undefined
          ? `the server ${JSON.stringify(server)} is not a URL`
          : `the server names a variable ${JSON.stringify(unknown)} that the document does not have`,
      remedy: 'write the URL out, such as https://api.example.com/v1',
    });
    return operations;
  }
  const standing = findings.warnings.filter((warning) => warning.rule !== 'relative-server');
  findings.warnings.splice(0, findings.warnings.length, ...standing);
  return operations.map((operation) => {
    const dropped = operation.parameters.filter((each) => each.in === 'server' && !wanted.includes(each.name));
    if (dropped.length === 0) return { ...operation, server: url };
    const names = dropped.map((binding) => binding.argument);
    const schema = operation.arguments as { readonly properties?: object; readonly required?: readonly string[] };
    return {
      ...operation,
      server: url,
      parameters: operation.parameters.filter((binding) => !dropped.includes(binding)),
      arguments: {
        ...schema,
        properties: without(schema.properties ?? {}, names),
        ...(schema.required !== undefined && { required: schema.required.filter((name) => !names.includes(name)) }),
      },
      example: without(operation.example, names),
    };
  });
}

function isOrigin(url: string): boolean {
  const sample = url.replace(/\{[^{}]*\}/g, 'x');
  return URL.canParse(sample);
}
