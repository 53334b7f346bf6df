/** What a POST is answered with. */
export interface McpReply {
  readonly status: number;
  /** JSON, or events; without it there is no body. */
  readonly text?: string;
  /** The response is a stream of events, and has begun: the text is what it ends with. */
  readonly hasBegun?: true;
}
