/**
 * Access tokens by OAuth 2.0 client credentials (RFC 6749 section 4.4), for `oauth2` and `openIdConnect` schemes.
 *
 * A token is kept for one client, certificate, audience and set of scopes; however many calls need one at the same
 * moment, it is asked for once. Shortly before it ends the next one is asked for, while calls go on with the old one: a
 * slow token server holds up only the calls that come before the first token or after the end of one. A token server is
 * a part of the provider: its requests go through the same guarded sender, and its redirects are not followed either.
 */

import type { Clock } from '../clock.js';
import { GatewayError, type ErrorCode } from '../gateway-error.js';
import { percentEncode } from '../upstream/percent-encode.js';
import { readAnswer } from '../upstream/read-answer.js';
import type { Sender, SendOptions, UpstreamAnswer } from '../upstream/send.js';
import { UpstreamFailure, type UpstreamFailureKind } from '../upstream/upstream-failure.js';
import { USER_AGENT } from '../upstream/user-agent.js';
import type { ClientCertificate } from './client-certificate.js';
import { redactText } from './redact.js';
import { Secret } from './secret.js';

const LIMITS = { timeoutMs: 10_000, maxResponseBytes: 1_000_000, concurrency: 8 };

/** The next token is asked for in the last minute, or tenth, of a token's life, whichever is shorter. */
const MARGIN_MS = 60_000;

/** The part of that time in which it is not used any more: a request takes time to arrive, and clocks differ. */
const UNUSED_PART = 6;

/** After a failure to renew a token that is still good, how long until it is tried again. */
const RENEW_AGAIN_MS = 5_000;

/** No server takes a header as long. */
const LONGEST_TOKEN = 8_192;

/** Where a token server does not say how long its token lives. */
const UNSAID_LIFETIME_MS = 300_000;

export interface TokenRequest {
  readonly provider: string;
  /** Of the OAuth client. */
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scopes: readonly string[];
  readonly audience?: string;
  readonly endpoint: { readonly tokenUrl: URL } | { readonly discoveryUrl: URL };
  /** Shown to the token server too: what it gives may be good over this certificate alone (RFC 8705 section 3). */
  readonly certificate?: ClientCertificate;
}

interface Token {
  readonly value: Secret;
  /** From then on the next one is asked for. */
  readonly renewFromMs: number;
  readonly usableUntilMs: number;
}

/** A token that is there, or on its way. */
interface Kept {
  readonly token: Promise<Token>;
  /** Set once it has come. */
  value?: Secret;
  /** When its successor may be asked for again. */
  renewAgainMs?: number;
}

export class TokenSource {
  readonly #send: Sender['send'];
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Kept>();
  readonly #tokenUrls = new Map<string, URL>();
  /** Token servers that refused the client in the Authorization header and took it in the body. */
  readonly #takeBody = new Set<string>();

  constructor(send: Sender['send'], clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** @throws GatewayError CREDENTIAL_REFUSED where the token server gives none, UPSTREAM_… where it cannot be asked. */
  async token(request: TokenRequest): Promise<Secret> {
    const key = keyOf(request);
    const kept = this.#tokens.get(key);
    if (kept !== undefined) {
      const token = await kept.token;
      const nowMs = this.#clock.nowMs();
      if (nowMs < token.usableUntilMs) {
        if (nowMs >= token.renewFromMs && nowMs >= (kept.renewAgainMs ?? 0)) this.#renew(key, kept, request);
        return token.value;
      }
      // Whoever comes first past this point asks; the others find what was asked for.
      if (this.#tokens.get(key) === kept) this.#tokens.delete(key);
    }
    const { token } = this.#tokens.get(key) ?? this.#ask(key, request);
    return (await token).value;
  }

  /** Asks for the successor of a token that is still good, and puts it in its place when it has come. */
  #renew(key: string, kept: Kept, request: TokenRequest): void {
    kept.renewAgainMs = Infinity;
    this.#fetch(request).then(
      (fetched) => {
        if (this.#tokens.get(key) !== kept) return;
        this.#tokens.set(key, { token: Promise.resolve(fetched), value: fetched.value });
      },
      () => {
        // The token is good for a while; when it ends, a call asks anew and is told what is wrong.
        kept.renewAgainMs = this.#clock.nowMs() + RENEW_AGAIN_MS;
      },
    );
  }

  /** Forgets this token, unless another has taken its place by now. */
  forget(request: TokenRequest, token: Secret): void {
    const key = keyOf(request);
    if (this.#tokens.get(key)?.value === token) this.#tokens.delete(key);
  }

  /** The token that is kept now, if any. */
  kept(request: TokenRequest): readonly Secret[] {
    const value = this.#tokens.get(keyOf(request))?.value;
    return value === undefined ? [] : [value];
  }

  #ask(key: string, request: TokenRequest): Kept {
    const token = this.#fetch(request).then(
      (fetched) => {
        kept.value = fetched.value;
        return fetched;
      },
      (error: unknown) => {
        this.#tokens.delete(key);
        throw failureOf(request, error);
      },
    );
    const kept: Kept = { token };
    this.#tokens.set(key, kept);
    return kept;
  }

  async #fetch(request: TokenRequest): Promise<Token> {
    const url = await this.#tokenUrl(request);
    let answer = await this.#post(request, url, this.#takeBody.has(url.href) ? 'body' : 'basic');
    if (isClientRefused(answer) && !this.#takeBody.has(url.href)) {
      answer = await this.#post(request, url, 'body');
      if (answer.status === 200) this.#takeBody.add(url.href);
    }

    const members = jsonObject(answer);
    const value = members['access_token'];
    if (answer.status !== 200 || typeof value !== 'string' || !isHeaderSafe(value)) {
      const said =
        typeof members['error'] === 'string' ? ` ${JSON.stringify(errorCode(request, members['error']))}` : '';
      throw refused(request, `answered ${answer.status}${said} in place of a token`);
    }
    const seconds = Number(members['expires_in']);
    const lifetimeMs = seconds > 0 ? seconds * 1000 : UNSAID_LIFETIME_MS;
    const endsMs = this.#clock.nowMs() + lifetimeMs;
    const marginMs = Math.min(MARGIN_MS, lifetimeMs / 10);
    return {
      value: new Secret(value),
      renewFromMs: endsMs - marginMs,
      usableUntilMs: endsMs - marginMs / UNUSED_PART,
    };
  }

  /** RFC 6749 section 2.3.1: the client in an Authorization header, or, for servers that ask for it, in the body. */
  #post(request: TokenRequest, url: URL, place: 'basic' | 'body'): Promise<UpstreamAnswer> {
    const { clientId, clientSecret, scopes, audience } = request;
    const fields: [string, string][] = [['grant_type', 'client_credentials']];
    if (scopes.length > 0) fields.push(['scope', scopes.join(' ')]);
    if (audience !== undefined) fields.push(['audience', audience]);
    if (place === 'body') fields.push(['client_id', clientId], ['client_secret', clientSecret.reveal()]);
    const headers: [string, string][] = [
      ['accept', 'application/json'],
      ['content-type', 'application/x-www-form-urlencoded'],
      ['user-agent', USER_AGENT],
    ];
    if (place === 'basic') {
      const pair = `${percentEncode(clientId)}:${percentEncode(clientSecret.reveal())}`;
      headers.push(['authorization', `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`]);
    }
    const body = Buffer.from(fields.map(([name, text]) => `${name}=${percentEncode(text)}`).join('&'), 'utf8');
    return this.#send({ method: 'POST', url, headers, body, origin: url.origin }, sendOptions(request, url));
  }

  /** OpenID Connect Discovery 1.0 section 4: the token endpoint stands in the provider's configuration document. */
  async #tokenUrl(request: TokenRequest): Promise<URL> {
    const { endpoint } = request;
    if ('tokenUrl' in endpoint) return endpoint.tokenUrl;
    const url = endpoint.discoveryUrl;
    const known = this.#tokenUrls.get(url.href);
    if (known !== undefined) return known;

    const headers = [
      ['accept', 'application/json'],
      ['user-agent', USER_AGENT],
    ] as const;
    const answer = await this.#send({ method: 'GET', url, headers, origin: url.origin }, sendOptions(request, url));
    const found = jsonObject(answer)['token_endpoint'];
    const tokenUrl = typeof found === 'string' && URL.canParse(found) ? new URL(found) : undefined;
    // A secret that was to go over TLS does not go without it.
    if (
      answer.status !== 200 ||
      tokenUrl === undefined ||
      (tokenUrl.protocol !== 'https:' && url.protocol === 'https:')
    ) {
      throw refused(request, `answered ${answer.status} and names no usable token_endpoint`);
    }
    this.#tokenUrls.set(url.href, tokenUrl);
    return tokenUrl;
  }
}

function keyOf({ provider, clientId, clientSecret, scopes, audience, endpoint, certificate }: TokenRequest): string {
  const url = 'tokenUrl' in endpoint ? endpoint.tokenUrl : endpoint.discoveryUrl;
  const client = [clientId, clientSecret.reveal(), certificate?.fingerprint];
  return JSON.stringify([provider, url.href, client, [...scopes].sort(), audience]);
}

/** Without TLS there is nothing that a certificate could be shown over. */
function sendOptions({ provider, certificate }: TokenRequest, { protocol }: URL): SendOptions {
  return { provider, limits: LIMITS, ...(protocol === 'https:' ? { certificate } : {}) };
}

/** `invalid_client`, with the statuses that RFC 6749 section 5.2 allows; other grants' errors are not helped by asking again. */
function isClientRefused(answer: UpstreamAnswer): boolean {
  return answer.status === 401 || (answer.status === 400 && jsonObject(answer)['error'] === 'invalid_client');
}

function jsonObject(answer: UpstreamAnswer): Readonly<Record<string, unknown>> {
  const content = readAnswer(answer);
  const value = content.kind === 'json' ? content.value : undefined;
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** What the server calls the error, should it not be what it was sent. */
function errorCode({ clientId, clientSecret }: TokenRequest, text: string): string {
  const pair = new Secret(`${clientId}:${clientSecret.reveal()}`);
  return redactText(text, [clientSecret, pair]).value.slice(0, 60);
}

function isHeaderSafe(value: string): boolean {
  return value.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(value);
}

function refused({ provider }: TokenRequest, what: string): GatewayError {
  return new GatewayError(
    'CREDENTIAL_REFUSED',
    `the token server of ${provider} ${what}`,
    'the operator can check the client id, its secret and its scopes',
  );
}

const CODES: { readonly [Kind in UpstreamFailureKind]?: ErrorCode } = {
  timeout: 'UPSTREAM_TIMEOUT',
  'address-refused': 'UPSTREAM_ADDRESS_REFUSED',
  'certificate-refused': 'CREDENTIAL_REFUSED',
};

/** In the words of the call path's own failures: from here on nothing had been sent to the endpoint. */
function failureOf({ provider }: TokenRequest, error: unknown): unknown {
  if (!(error instanceof UpstreamFailure)) return error;
  const code = CODES[error.kind] ?? 'UPSTREAM_UNREACHABLE';
  return new GatewayError(code, `the token server of ${provider} gave no answer: ${error.message}`, 'try again later', {
    cause: error,
  });
}
