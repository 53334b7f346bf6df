/**
 * The alerts by which a TLS server says that it does not take the client's certificate (RFC 8446 section 6.2), in words.
 * In TLS 1.3 the server says so only after the client has begun to send, so that an alert may come where the beginning of
 * the answer was expected; what was sent by then is read by nobody (section 4.4.2.4).
 */

const REFUSED = "the upstream refused this gateway's client certificate";

const ALERTS: Readonly<Record<string, string>> = {
  ACCESS_DENIED: `${REFUSED}: it may do nothing there`,
  BAD_CERTIFICATE: `${REFUSED}: it is broken, or not one that it takes`,
  CERTIFICATE_EXPIRED: `${REFUSED}: its time is over, or has not begun`,
  CERTIFICATE_REQUIRED: 'the upstream asks for a client certificate, and got none that it takes',
  CERTIFICATE_REVOKED: `${REFUSED}: it is revoked`,
  CERTIFICATE_UNKNOWN: `${REFUSED}: it is not one that it takes`,
  DECRYPT_ERROR: `${REFUSED}: it cannot verify what was signed with the private key`,
  UNKNOWN_CA: `${REFUSED}: it does not know the authority that it is from`,
  UNSUPPORTED_CERTIFICATE: `${REFUSED}: it is of a kind that it does not take`,
};

/** OpenSSL's codes begin with the version that first had the alert, and have changed in that. */
const CODE = /^ERR_SSL_.*ALERT_([A-Z_]+)$/;

/** What the server says of the certificate, as a message; undefined of an error that says nothing of it. */
export function certificateRefusal(error: Error): string | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [, alert = ''] = CODE.exec(code) ?? [];
  return Object.hasOwn(ALERTS, alert) ? ALERTS[alert] : undefined;
}
