/** What is left to do for a provider that was just added, in the order in which to do it. */

import type { SecurityScheme } from '../contract.js';
import type { NormalizedDocument } from '../normalize/normalized-document.js';
import { credentialVariable } from '../normalize/provider-variable.js';

export interface Added {
  readonly id: string;
  readonly document: NormalizedDocument;
  /** Path of the provider.yaml. */
  readonly settingsFile: string;
  /** The flag of the command, `specs` where it was left out. */
  readonly specs: string;
  /** Operations whose requests have nowhere to go until they get a server. */
  readonly hostless: number;
}

/** Lines of text. */
export function nextSteps({ id, document, settingsFile, specs, hostless }: Added): readonly string[] {
  const total = document.operations.length;
  const isHostless = hostless > 0 && hostless === total;
  const credentials = Object.entries(document.securitySchemes).flatMap(([name, scheme]) => {
    const users = document.operations.filter(({ security }) => security.some((each) => Object.hasOwn(each, name)));
    if (users.length === 0) return [];
    const share = users.length === total ? 'all' : `${String(users.length)} of ${String(total)}`;
    return [`     ${credentialVariable(id, name)}=${formOf(scheme)}   (${share} operations)`];
  });
  const steps = [
    [
      `fill in ${settingsFile}:`,
      ...(isHostless ? ['     server: the document names no host'] : []),
      '     categories, by which agents find it',
      '     pricing: until you say otherwise each call costs 0.001 USDC',
    ],
    ...(hostless === 0 || isHostless
      ? []
      : [
          [
            `give a server with a host to ${hostless} of ${total} operations, in an overlay.yaml beside it`,
            '     (server in provider.yaml would take the place of all, of those with a host too)',
          ],
        ]),
    ...(credentials.length === 0
      ? []
      : [
          [
            "set in the gateway's environment what the operations need (any one of an operation's alternatives):",
            ...credentials,
          ],
        ]),
    [`npx tollgate generate${specs === 'specs' ? '' : ` --specs ${specs}`}`],
  ];
  return steps.flatMap(([first = '', ...more], index) => [`  ${String(index + 1)}. ${first}`, ...more]);
}

/** What the variable of a scheme holds, as a placeholder. */
function formOf(scheme: SecurityScheme): string {
  switch (scheme.type) {
    case 'apiKey':
      return `<the key, sent in the ${scheme.in} as ${scheme.name}>`;
    case 'http':
      return scheme.scheme === 'basic' || scheme.scheme === 'digest' ? '<user>:<password>' : `<${scheme.scheme} token>`;
    case 'oauth2':
      return scheme.tokenUrl === undefined ? '<access token>' : '<client id>:<client secret>';
    case 'openIdConnect':
      return '<client id>:<client secret>, or <access token>';
    case 'awsSigV4':
      return '<access key id>:<secret access key>';
    case 'mutualTLS':
      return '<client certificate and its private key, in PEM>';
  }
}
