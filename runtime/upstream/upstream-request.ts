/**
 * One request to an upstream, complete but for the provider's credential. It is plain data: what is here is what goes
 * over the wire, and nothing else does but `Host`, `Content-Length`, `Accept-Encoding` and `Connection`.
 */
export interface UpstreamRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case; values are byte strings (UTF-8 octets, one a character). */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Uint8Array | undefined;
  /** Where the document has `Accept-Encoding` for a parameter: no other one is sent then than stands in `headers`. */
  readonly choosesEncoding?: true | undefined;
  /** The origin that the endpoint's descriptor names: asserted again before a credential is added and before sending. */
  readonly origin: string;
}
