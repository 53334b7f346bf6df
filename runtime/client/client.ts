/**
 * What `import … from 'tollgate/client'` gives: a typed client of the gateway's plain-HTTP face. It runs wherever `fetch`
 * does, and takes nothing but types from the gateway: a program that calls through a gateway does not load one.
 */

export type { Endpoint, Usdc } from '../../generated/contract.js';
export type { Receipt } from '../receipt/receipt.js';
export { createClient, type Client, type ClientOptions } from './create-client.js';
export type { AnswerOf, ArgumentsOf, CallOptions, CallParameters, CallResult, Quote } from './call-types.js';
export { TollgateError, type TollgateErrorCode } from './tollgate-error.js';
