/** A request that is refused with an error of the protocol. */
export class RefusedRequest extends Error {
  /**
   * @param status of HTTP.
   * @param code of JSON-RPC.
   */
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = 'RefusedRequest';
  }
}
