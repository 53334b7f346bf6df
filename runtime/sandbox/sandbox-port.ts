/** Where the sandbox listens unless told otherwise: next to the gateway. */
export const SANDBOX_PORT = 8403;
