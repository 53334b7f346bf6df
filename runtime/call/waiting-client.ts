/** Whether the client that made a call still waits for the answer. */
export interface WaitingClient {
  readonly hasGone: boolean;
  /** Aborted when it goes. */
  readonly gone: AbortSignal;
}

export function clientOf(gone: AbortSignal): WaitingClient {
  return {
    gone,
    get hasGone() {
      return gone.aborted;
    },
  };
}
