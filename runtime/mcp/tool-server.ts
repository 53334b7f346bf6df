/**
 * The MCP server that all clients share: the SDK's protocol layer with the tools on top. The invariant: it keeps
 * nothing of a client. The SDK's own `Server` remembers who initialized it last, so that `initialize` is answered here:
 * by what the client asks for, and by nothing that another has said.
 *
 * It offers tools alone. It sends no requests, no notifications but the progress of a call, and takes no tasks.
 */

import { Protocol } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  InitializeRequestSchema,
  LATEST_PROTOCOL_VERSION,
  ListToolsRequestSchema,
  RequestSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
  type InitializeResult,
  type Notification,
  type Request,
  type RequestId,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';

import { clientOf, type WaitingClient } from '../call/waiting-client.js';
import { CAPABILITIES, INSTRUCTIONS, LISTED, SERVER_INFO } from './introduction.js';
import { progressOf } from './progress.js';
import type { JsonObject } from './tool.js';
import { toolResult } from './tool-result.js';
import type { ToolOutcome } from './toolbox.js';

/**
 * Runs a tool by its name; never rejects.
 * @param progress takes what there is to tell before the outcome; undefined where the client did not ask for it.
 */
export type RunTool = (
  tool: string,
  input: JsonObject,
  client: WaitingClient,
  progress: ((message: string) => void) | undefined,
) => Promise<ToolOutcome>;

export class ToolServer extends Protocol<Request, Notification, Result> {
  /** @param runnerOf how to run tools for the request of this id. */
  constructor(runnerOf: (id: RequestId) => RunTool) {
    super();
    this.setRequestHandler(unread(InitializeRequestSchema), (request) =>
      initialized(read(InitializeRequestSchema, request).params.protocolVersion),
    );
    this.setRequestHandler(unread(ListToolsRequestSchema), (request) => {
      read(ListToolsRequestSchema, request);
      return LISTED;
    });
    this.setRequestHandler(unread(CallToolRequestSchema), async (request, { requestId, signal, sendNotification }) => {
      const { params } = read(CallToolRequestSchema, request);
      const token = params._meta?.progressToken;
      const progress = token === undefined ? undefined : progressOf(token, (told) => void sendNotification(told));
      return toolResult(await runnerOf(requestId)(params.name, params.arguments ?? {}, clientOf(signal), progress));
    });
  }

  protected assertCapabilityForMethod(method: string): void {
    throw new Error(`a stateless server has nobody to send ${method} to`);
  }

  protected assertNotificationCapability(method: string): void {
    if (method === 'notifications/progress') return;
    throw new Error(`a stateless server has nobody to send ${method} to`);
  }

  protected assertTaskCapability(method: string): void {
    throw new Error(`a stateless server has nobody to send ${method} to`);
  }

  /** Its handlers are set above, all of them for what it offers. */
  protected assertRequestHandlerCapability(): void {
    return;
  }

  /** Clients read this. */
  protected assertTaskHandlerCapability(method: string): void {
    throw new Error(`Server does not support task creation (required for ${method})`);
  }
}

/** Params that the method does not take. The protocol layer tells the client of it, with this code. */
class InvalidParams extends Error {
  readonly code = ErrorCode.InvalidParams;
  override readonly name = 'InvalidParams';
}

/** Of the schemas of the SDK, what is used here. */
interface Schema<Read> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Read }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Takes any params of the method: if the protocol layer refused some, it would tell the client that the server failed.
 */
function unread<Method>({ shape }: { readonly shape: { readonly method: Method } }) {
  return RequestSchema.extend({ method: shape.method });
}

/** @throws InvalidParams */
function read<Read>(schema: Schema<Read>, request: unknown): Read {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new InvalidParams(`Invalid params: ${faults.join('; ')}`);
}

/** A version that is not known is answered with the latest one, and the client decides (MCP, "Version Negotiation"). */
function initialized(requested: string): InitializeResult {
  return {
    protocolVersion: SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION,
    capabilities: CAPABILITIES,
    serverInfo: SERVER_INFO,
    instructions: INSTRUCTIONS,
  };
}
