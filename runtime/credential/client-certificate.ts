/**
 * The operator's value of a `mutualTLS` scheme: a client certificate and its private key, in one PEM text and in any
 * order, with the certificates that vouch for it.
 *
 * Whatever can be wrong with it is found before a call is made with it, and told without a part of it. Whether a server
 * will take it is for the server to say; so is its time, for some servers look at nothing but its key.
 */

import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import { pemBlocks, type PemBlock } from './pem-blocks.js';
import { Secret } from './secret.js';

export interface ClientCertificate {
  /** PEM, with nothing secret in it: first the client's own, then those that vouch for it. */
  readonly chain: string;
  /** PEM. */
  readonly key: Secret;
  /** Of the chain, SHA-256 in hex: what one certificate was shown over is not what another may use. */
  readonly fingerprint: string;
  readonly validFromMs: number;
  readonly validUntilMs: number;
  /** The key's lines of base64, as the operator has it and as PKCS #8: whatever repeats it, wherever it breaks lines. */
  readonly secrets: readonly Secret[];
}

/** PEM's labels of private keys, with what Node calls their encodings. */
const KEY_TYPES: Readonly<Record<string, 'pkcs8' | 'pkcs1' | 'sec1'>> = {
  'PRIVATE KEY': 'pkcs8',
  'RSA PRIVATE KEY': 'pkcs1',
  'EC PRIVATE KEY': 'sec1',
};

/** Values are read for one endpoint after another. */
const READ = new WeakMap<Secret, ClientCertificate | string>();

/** @returns the certificate, or what is wrong with the value, as in "it has no private key". */
export function readClientCertificate(value: Secret): ClientCertificate | string {
  let read = READ.get(value);
  if (read === undefined) READ.set(value, (read = readPair(value.reveal())));
  return read;
}

function readPair(text: string): ClientCertificate | string {
  const blocks = pemBlocks(text);
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE');
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const [given] = keys;
  if (blocks.length === 0) return 'it has no block of PEM that is whole';
  if (certificates.length === 0) return 'it has no certificate';
  if (given === undefined) return 'it has no private key';
  if (keys.length > 1) return `it has ${keys.length} private keys, and a connection shows one certificate`;
  if (given.isEncrypted) return 'its private key is encrypted: "openssl pkey -in FILE" writes it as it is';

  const key = readKey(given);
  if (typeof key === 'string') return key;
  const chain = certificates.map(({ bytes }) => readCertificate(bytes));
  const broken = chain.find((each) => typeof each === 'string');
  if (broken !== undefined) return broken;
  return pairOf(chain as readonly X509Certificate[], key, given.bytes);
}

function pairOf(certificates: readonly X509Certificate[], key: KeyObject, der: Buffer): ClientCertificate | string {
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) return 'its private key belongs to none of its certificates';
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)].map(String).join('');
  const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string;
  try {
    // Keys that are too short and digests that are too weak are refused by OpenSSL when it is to use them.
    createSecureContext({ cert: chain, key: pem });
  } catch (error) {
    return `OpenSSL does not take it (${codeOf(error)})`;
  }
  return {
    chain,
    key: new Secret(pem),
    fingerprint: createHash('sha256').update(chain).digest('hex'),
    validFromMs: Date.parse(own.validFrom),
    validUntilMs: Date.parse(own.validTo),
    secrets: linesOf(der, key.export({ type: 'pkcs8', format: 'der' })),
  };
}

function readKey({ label, bytes }: PemBlock): KeyObject | string {
  const type = KEY_TYPES[label];
  if (type === undefined) return `its private key is of a kind that TLS has no use for: ${label}`;
  try {
    return createPrivateKey({ key: bytes, format: 'der', type });
  } catch (error) {
    return `its private key cannot be read (${codeOf(error)})`;
  }
}

function readCertificate(bytes: Buffer): X509Certificate | string {
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    return `a certificate in it cannot be read (${codeOf(error)})`;
  }
}

/** RFC 7468 section 2: of 64 characters each. */
function linesOf(...encodings: readonly Buffer[]): readonly Secret[] {
  const lines = encodings.flatMap((bytes) => bytes.toString('base64').match(/.{1,64}/g) ?? []);
  return [...new Set(lines)].map((line) => new Secret(line));
}

/** OpenSSL's messages may quote; its codes do not. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
