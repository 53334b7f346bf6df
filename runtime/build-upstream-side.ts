import type { Logger } from 'pino';

import type { Catalogue } from './catalogue/catalogue.js';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import { certificateWarnings } from './credential/certificate-warnings.js';
import { configuredStore } from './credential/configured-store.js';
import { CredentialSources } from './credential/credential-sources.js';
import type { RefusalStatus } from './credential/credential.js';
import { tellRefusals } from './credential/tell-refusals.js';
import { createVault, type Vault } from './credential/vault.js';
import { WrongValues } from './credential/wrong-value.js';
import type { OwnSandbox } from './sandbox/own-sandbox.js';
import { StandingWarnings } from './standing-warnings.js';
import { unmatchedVariables } from './unmatched-variables.js';
import { Admission } from './upstream/admission.js';
import { AnswerMemory } from './upstream/answer-memory.js';
import { Breakers } from './upstream/breakers.js';
import { lazySender } from './upstream/lazy-sender.js';
import { refusedHost, type RefusedHost } from './upstream/refused-host.js';
import type { Sender } from './upstream/send.js';
import { withBreakers } from './upstream/with-breakers.js';

/** All that stands between a call and its upstream. */
export interface UpstreamSide {
  readonly breakers: Breakers;
  readonly admission: Admission;
  /** Counts the bytes of the answers under way. */
  readonly answers: AnswerMemory;
  /** Sends calls, each through the breaker of its provider. */
  readonly sender: Sender;
  readonly vault: Vault;
  /** The base URL that replaces the server of the provider's document, if there is one. */
  readonly upstreamFor: (provider: string) => string | undefined;
  readonly refusedHost: RefusedHost;
  /** What is wrong now with the variables and credentials of providers: a line each. */
  warnings(): readonly string[];
  /** Tells the log what is wrong with them, and from then on follows the credentials as they change. */
  follow(): void;
  /** Tells the log which variables no provider reads; to be called again when the catalogue is another one. */
  tellUnmatched(): void;
  /** Reads all credentials again, whether or not they look changed. */
  reloadCredentials(): void;
  /** Lets the requests under way finish. */
  close(): Promise<void>;
}

export interface UpstreamSideOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** PEM: the authorities that vouch for upstreams, in the place of those that Node trusts. */
  readonly authorities: readonly string[] | undefined;
  readonly sandbox: OwnSandbox;
  /** Those of the catalogue that is served now. */
  readonly providers: () => Catalogue['providers'];
  /** Told each time that an upstream refuses its credential. */
  readonly onRefused: (provider: string, status: RefusalStatus) => void;
}

const CREDENTIALS_FOLLOWED_EVERY_MS = 1_000;

export function buildUpstreamSide(options: UpstreamSideOptions): UpstreamSide {
  const { config, clock, logger, authorities, sandbox, providers, onRefused } = options;
  const upstreamFor = (provider: string) => sandbox.urlFor(provider) ?? config.upstreamFor(provider);
  const allowPrivate = (provider: string) =>
    sandbox.urlFor(provider) !== undefined || config.allowsPrivateUpstream(provider);

  const breakers = new Breakers();
  const answers = new AnswerMemory(config.answerMemoryBytes);
  const admission = new Admission({ breakers, answers, clock });
  const sender = lazySender({ answers, authorities, allowPrivate, clock });

  const credentials = new CredentialSources({
    variable: config.credential,
    names: config.credentialVariables,
    store: configuredStore(config, clock),
    otherwise: (variable) => sandbox.running?.credential(variable),
    onChange: (problems) => logger.warn({ problems }, 'what can be read of the credentials has changed'),
  });
  const vault = createVault({
    values: credentials,
    onRefused: tellRefusals(logger, clock, onRefused),
    clock,
    // A token server is asked past the breaker: that it fails says nothing of the API.
    send: (request, sendOptions) => sender.send(request, sendOptions),
    upstream: upstreamFor,
    providers,
  });

  const unmatched = new StandingWarnings((line) => logger.warn(line));
  const unusable = new StandingWarnings((line) => logger.warn(line));
  const wrongValues = new WrongValues(credentials);
  const tellUnmatched = (): void => unmatched.replace(unmatchedVariables(config, providers()));
  const tellUnusable = (): void =>
    unusable.replace([
      ...wrongValues.lines(providers()),
      ...certificateWarnings(credentials, providers(), clock.nowMs()),
    ]);
  const readAgain = (all: boolean): void => {
    credentials.refresh(all);
    tellUnusable();
  };
  let following: NodeJS.Timeout | undefined;

  return {
    breakers,
    admission,
    answers,
    sender: withBreakers(sender, breakers),
    vault,
    upstreamFor,
    refusedHost: refusedHost(allowPrivate),
    warnings: () => [...credentials.problems, ...unusable.lines, ...unmatched.lines],
    follow: () => {
      tellUnmatched();
      tellUnusable();
      following = setInterval(() => readAgain(false), CREDENTIALS_FOLLOWED_EVERY_MS);
    },
    tellUnmatched,
    reloadCredentials: () => readAgain(true),
    close: () => {
      clearInterval(following);
      return sender.close();
    },
  };
}
