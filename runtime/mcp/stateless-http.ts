/**
 * MCP over stateless Streamable HTTP: each POST stands alone, so that any replica can answer any request. It carries
 * the tools and holds no logic of theirs. It does not offer sessions, resumption or server-initiated requests, so GET
 * and DELETE are refused by the caller.
 *
 * The reply is JSON. Only where a request asks for progress, and there is some, it is a stream of events: the progress,
 * then the response. Without sessions a POST cannot be shown to come from whoever sent an earlier one. So a cancellation
 * in another POST stops nothing, as the specification allows; `open-posts.ts` has what it does. A client that closes its
 * connection cancels for good.
 *
 * A POST of the revision of 2026-07-28 describes itself, and is answered apart. All others go through the SDK's protocol
 * layer, or past it where they need nothing of it.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';

import { ClientOfResponse } from '../http/client-of-response.js';
import { whenClosed } from '../http/when-closed.js';
import { answerSelfDescribed, errorText } from './answer-self-described.js';
import { eventOf, writeNotification } from './event-stream.js';
import type { McpReply } from './mcp-reply.js';
import { MultiplexTransport } from './multiplex-transport.js';
import { OpenPosts } from './open-posts.js';
import { answerPlainCall, plainCall } from './plain-call.js';
import { checkHeaders, readMessages, refusedPost } from './read-messages.js';
import { RefusedRequest } from './refused-request.js';
import { responseText } from './rendered-result.js';
import { isSelfDescribed, isSelfDescribedByHeader } from './self-described-request.js';
import { ToolServer, type RunTool } from './tool-server.js';

export class StatelessHttp {
  readonly #posts = new OpenPosts();
  readonly #transport = new MultiplexTransport<RunTool>();
  readonly #connected = new ToolServer((id) => this.#transport.contextOf(id)).connect(this.#transport);

  /**
   * The reply to one POST.
   * @param readBody reads it as JSON; undefined where there is none.
   * @param res is written to where there is progress to tell; when it closes before its end, the client has gone.
   * @param headers that it begins with then.
   * @param run runs the tools for this POST.
   * @param cancelled called where the client says in another POST that it waits for this one's answer no longer.
   * @throws what `readBody` throws
   */
  async reply(
    req: IncomingMessage,
    res: ServerResponse,
    headers: Readonly<Record<string, string>>,
    readBody: () => Promise<unknown>,
    run: RunTool,
    cancelled: () => void,
  ): Promise<McpReply> {
    let answered: (() => void) | undefined;
    try {
      checkHeaders(req);
      const body = await readBody();
      if (isSelfDescribed(req, body)) return await answerSelfDescribed(req, body, { res, headers, run });
      const batch = readMessages(req, body);
      this.#posts.heed(req, batch);
      answered = this.#posts.open(req, batch, cancelled);
      const call = plainCall(batch);
      if (call !== undefined) return { status: 200, text: await answerPlainCall(call, run, new ClientOfResponse(res)) };
      await this.#connected;
      const exchange = this.#transport.begin(batch, run, (notification) => {
        writeNotification(res, JSON.stringify(notification), headers);
      });
      // What is settled by then is not touched, and a call that was sent goes on, whoever has gone.
      whenClosed(res, () => exchange.abandon());
      const texts = (await exchange.responses).map(responseText);
      if (res.headersSent) return { status: 200, text: texts.map(eventOf).join(''), hasBegun: true };
      if (texts.length === 0) return { status: 202 };
      return { status: 200, text: texts.length === 1 ? texts[0]! : `[${texts.join(',')}]` };
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      const { status, code, message } = error;
      if (isSelfDescribedByHeader(req)) return { status, text: errorText(ErrorCode.InvalidRequest, message) };
      return { status, text: refusedPost(code, message) };
    } finally {
      answered?.();
    }
  }
}
