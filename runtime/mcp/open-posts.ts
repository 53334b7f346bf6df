/**
 * The POSTs that wait for an answer, for the client that cancels its request in another POST, as the SDKs do when they
 * have waited long enough: it leaves the connection open and reads nothing of the answer.
 *
 * Nothing ties the two together but the API key and the id of the request, and two agents that share a key both number
 * their requests from 1. So a cancellation is heeded where it can mean one POST alone, and costs that nothing but this:
 * its answer counts as one that did not arrive. The request goes on and is answered, whoever has sent it.
 */

import type { IncomingMessage } from 'node:http';

import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';

interface OpenPost {
  readonly authorization: string;
  readonly cancel: () => void;
}

export class OpenPosts {
  readonly #open = new Map<RequestId, Set<OpenPost>>();

  /**
   * Remembers a POST of one request while it waits. One without an API key has nothing to lose.
   * @param cancel called where its client cancels it from another POST.
   * @returns forgets it.
   */
  open({ headers }: IncomingMessage, messages: readonly JSONRPCMessage[], cancel: () => void): () => void {
    const { authorization } = headers;
    const [message] = messages;
    if (authorization === undefined || messages.length !== 1 || !('method' in message!) || !('id' in message)) {
      return () => undefined;
    }
    const { id } = message;
    const post = { authorization, cancel };
    const posts = this.#open.get(id);
    if (posts === undefined) this.#open.set(id, new Set([post]));
    else posts.add(post);
    return () => {
      const left = this.#open.get(id)!;
      left.delete(post);
      if (left.size === 0) this.#open.delete(id);
    };
  }

  /** Heeds what these messages cancel of other POSTs. What is among themselves is what they mean. */
  heed({ headers }: IncomingMessage, messages: readonly JSONRPCMessage[]): void {
    for (const message of messages) {
      if (!('method' in message) || message.method !== 'notifications/cancelled') continue;
      const id = message.params?.['requestId'] as RequestId;
      if (messages.some((other) => 'id' in other && other.id === id)) continue;
      const named = this.#open.get(id) ?? [];
      const [post, ...others] = [...named].filter(({ authorization }) => authorization === headers.authorization);
      if (post !== undefined && others.length === 0) post.cancel();
    }
  }
}
