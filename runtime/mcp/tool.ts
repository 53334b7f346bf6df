/**
 * A tool, free of any SDK's types: its schemas, its words, and what it does. Transports carry tools; they hold no logic
 * of a tool's, and a tool knows nothing of who carries it.
 */

import type { Caller } from '../account/authenticate.js';
import type { Delivery } from '../call/delivery.js';
import type { WaitingClient } from '../call/waiting-client.js';
import type { Gateway } from '../gateway.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Content beside the structured answer: bytes that JSON would bend. */
export interface ToolBytes {
  readonly kind: 'image' | 'audio' | 'binary';
  readonly mimeType: string;
  readonly data: Uint8Array;
  /** Names the bytes where content needs a URI. */
  readonly name: string;
}

export interface ToolAnswer {
  readonly structured: JsonObject;
  readonly bytes?: ToolBytes;
}

export interface ToolContext {
  readonly gateway: Gateway;
  /** @throws GatewayError UNAUTHENTICATED where the request carries no valid API key */
  readonly caller: () => Promise<Caller>;
  /** Whether answers of any size are given whole: programs take them, and the context of a model does not. */
  readonly whole?: boolean;
  /** Takes what there is to tell of a call before its answer; undefined where the client did not ask for it. */
  readonly progress?: ((message: string) => void) | undefined;
  readonly client: WaitingClient;
  /** What to tell of calls whose answers the client waits for. */
  readonly delivery: () => Delivery;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** What a model reads before it chooses: what it does, when to use it, what it costs. */
  readonly description: string;
  /** JSON Schema 2020-12 of an object; arguments are checked against it before `run`. */
  readonly inputSchema: JsonObject;
  /** Of the structured answer. Errors are structured too, so it admits both. */
  readonly outputSchema: JsonObject;
  /** Where it needs none, anybody may ask it, within a limit by address. */
  readonly needsAccount: boolean;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  run(input: JsonObject, context: ToolContext): Promise<ToolAnswer>;
}

/**
 * The schema of a tool's structured content: an answer with these properties, or an error. Clients check both against
 * it, so both must fit.
 */
export function answerSchema(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', properties, anyOf: [{ required }, { required: ['code', 'message', 'remedy'] }] };
}
