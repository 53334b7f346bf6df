/**
 * The form of an API key: `tg_live_`, 40 random hex digits (160 bits), 6 digits of check-sum. The check-sum tells a
 * mistyped key from a wrong one without asking the database; it is no defence, the random digits are. Only the SHA-256
 * of a key is kept: with 160 random bits there is nothing that a slow hash would add.
 */

import { hash } from 'node:crypto';

import type { Clock } from '../clock.js';
import { Secret } from '../credential/secret.js';

const PREFIX = 'tg_live_';
const FORM = /^tg_live_([0-9a-f]{40})([0-9a-f]{6})$/;

/** How much of a key is shown to tell it from others: 24 of its 160 bits. */
const SHOWN = PREFIX.length + 6;

export function newApiKey(clock: Clock): Secret {
  const digits = Buffer.from(clock.randomBytes(20)).toString('hex');
  return new Secret(`${PREFIX}${digits}${checkSum(digits)}`);
}

/** Whether it can be a key at all. */
export function isApiKey(text: string): boolean {
  const match = FORM.exec(text);
  return match !== null && match[2] === checkSum(match[1]!);
}

/** SHA-256 in hex: what is stored, and what a key is found by. */
export function hashOfApiKey(apiKey: string): string {
  return hash('sha256', apiKey);
}

/** The part that may be shown and stored in the clear. */
export function prefixOfApiKey(apiKey: Secret): string {
  return apiKey.reveal().slice(0, SHOWN);
}

function checkSum(digits: string): string {
  return hash('sha256', `${PREFIX}${digits}`).slice(0, 6);
}
