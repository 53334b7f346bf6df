/** What a signature of AWS is made with, and what it is good for: read from a credential, and from the name of a host. */

import { Secret } from './secret.js';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Of temporary credentials. */
  readonly sessionToken?: Secret;
}

/** What a signature is good for, beside the day. */
export interface AwsScope {
  readonly region: string;
  readonly service: string;
}

/** `accessKeyId:secretAccessKey`, and `:sessionToken` where they are temporary. Undefined where it is neither. */
export function readAwsKeys(value: string): AwsKeys | undefined {
  const [, accessKeyId, secretAccessKey, sessionToken] = /^([^:]+):([^:]+)(?::(.+))?$/.exec(value) ?? [];
  if (accessKeyId === undefined || secretAccessKey === undefined || !/^\w+$/.test(accessKeyId)) return undefined;
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    ...(sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }),
  };
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/**
 * The service and the region that a host of AWS names, as far as it does. `{region}` is a region that is not known yet.
 * Services whose host has no region sign for the first one.
 */
export function scopeOfHost(host: string): Partial<AwsScope> {
  const [, name, country] = /^(.+)\.(?:amazonaws\.com(\.cn)?|api\.aws|on\.aws)$/i.exec(host) ?? [];
  if (name === undefined) return {};
  const labels = name
    .toLowerCase()
    // S3 has joined the two by a dash.
    .replace(/^(s3)-(?=[a-z]{2}-[a-z-]+-\d$)/, '$1.')
    .split('.');
  const place = labels.findLastIndex((label) => REGION.test(label) || label === '{region}');
  // Some services stand behind their region.
  const service = place < 0 ? labels.at(-1) : (labels[place + 1] ?? labels[place - 1]);
  const region = place < 0 ? (country === undefined ? 'us-east-1' : 'cn-north-1') : labels[place]!;
  return {
    ...(region === '{region}' ? {} : { region }),
    ...(service === undefined ? {} : { service: service === 'lambda-url' ? 'lambda' : service }),
  };
}
