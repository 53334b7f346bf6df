/**
 * Why the certificate that a server shows is not trusted, in words. Node has the codes of OpenSSL's verification ("X509
 * certificate error codes" of its `tls` module), and one of its own for the name. The same again would fail alike.
 */

const UNKNOWN_AUTHORITY = 'it is from an authority that is not known here';
const BROKEN = 'it, or what vouches for it, is not in order';

const FAULTS: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'its time is over',
  CERT_NOT_YET_VALID: 'its time has not begun',
  CERT_REVOKED: 'it is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  HOSTNAME_MISMATCH: 'it is for another name',
  CERT_SIGNATURE_FAILURE: BROKEN,
  CERT_CHAIN_TOO_LONG: BROKEN,
  CERT_REJECTED: BROKEN,
  INVALID_CA: BROKEN,
  INVALID_PURPOSE: BROKEN,
  PATH_LENGTH_EXCEEDED: BROKEN,
};

/** As a message; undefined of an error that is about something else. */
export function untrustedCertificate(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!Object.hasOwn(FAULTS, code)) return undefined;
  return `the upstream's certificate is not trusted: ${FAULTS[code]!} (${code})`;
}
