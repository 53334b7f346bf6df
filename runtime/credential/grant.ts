import type { Clock } from '../clock.js';
import type { ClientCertificate } from './client-certificate.js';
import type { Source } from './credential-plan.js';
import type { Credential, CredentialPart } from './credential.js';
import type { DigestSessions } from './digest-sessions.js';
import { Secret } from './secret.js';
import type { TokenSource } from './token-source.js';

/** What one key gives to one request. */
export interface Grant {
  readonly parts: readonly CredentialPart[];
  readonly secrets: readonly Secret[];
  readonly sign?: Credential['sign'];
  readonly exchange?: Credential['exchange'];
  /** Forgets the token, where there is one. */
  readonly forget?: () => void;
  /** Secrets that came later: a token that is kept now, a signature, a digest. */
  readonly more?: () => readonly Secret[];
}

interface Grantors {
  readonly tokens: TokenSource;
  readonly digests: DigestSessions;
  readonly clock: Clock;
}

/** The client certificate that the key is, where it is one. */
export function certificateOf(source: Source): ClientCertificate | undefined {
  return source.kind === 'certificate' ? source.certificate : undefined;
}

/** @param certificate of the same alternative, where it has one: a token may be good over nothing else (RFC 8705). */
export async function grantOf(
  source: Source,
  certificate: ClientCertificate | undefined,
  { tokens, digests, clock }: Grantors,
): Promise<Grant> {
  switch (source.kind) {
    case 'ready':
      return source;
    case 'certificate':
      return { parts: [], secrets: source.certificate.secrets };
    case 'token': {
      const request = certificate === undefined ? source.request : { ...source.request, certificate };
      const token = await tokens.token(request);
      return {
        parts: [{ in: 'header', name: 'authorization', value: new Secret(`Bearer ${token.reveal()}`) }],
        secrets: [token, request.clientSecret, new Secret(`${request.clientId}:${request.clientSecret.reveal()}`)],
        forget: () => tokens.forget(request, token),
        more: () => tokens.kept(request),
      };
    }
    case 'digest': {
      const { login, secrets } = source;
      const made = new Set<Secret>();
      return {
        parts: [],
        secrets,
        exchange: (request, send) => digests.exchange(login, request, send, made),
        more: () => [...made],
      };
    }
    case 'aws': {
      const { keys, scope } = source;
      const signatures: Secret[] = [];
      return {
        parts: [],
        secrets: [keys.secretAccessKey, ...(keys.sessionToken === undefined ? [] : [keys.sessionToken])],
        sign: async (request) => {
          // Loaded where there is something to sign.
          const { signForAws } = await import('./aws-signature.js');
          const signed = await signForAws(request, keys, scope(request.url.hostname), clock.nowMs());
          signatures.push(...signed.secrets);
          return signed.request;
        },
        more: () => signatures,
      };
    }
  }
}
