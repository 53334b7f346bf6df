/**
 * A chat model that is honest about being none: it repeats what it was told. Its usage is computed from the text, so a
 * token-metered charge can be checked by hand: a token is four bytes of UTF-8, rounded up for each message.
 */

import { createHash } from 'node:crypto';
import type { Router, RouterContext } from '@koa/router';
import canonicalize from 'canonicalize';
import { isObject } from '../is-object.js';
import { readJson } from './read-body.js';

const BYTES_PER_TOKEN = 4;
const MODEL = 'sandbox-parrot';
const ROLES = ['system', 'user', 'assistant'] as const;

/** 1 January 2025: a fixed moment, as every answer of the sandbox depends on its question alone. */
const CREATED_SECONDS = 1_735_689_600;

interface Message {
  readonly role: (typeof ROLES)[number];
  readonly content: string;
}

export function addChatRoutes(router: Router): void {
  router.post('completeChat', '/chat/completions', async (ctx) => {
    const request = await readJson(ctx, 'json');
    const { messages, maxTokens } = readRequest(ctx, request);
    const lastWords = messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const whole = `You said: ${lastWords}`;
    const content = firstTokens(whole, maxTokens);
    const promptTokens = messages.reduce((sum, message) => sum + tokensOf(message.content), 0);
    const completionTokens = tokensOf(content);
    const digest = createHash('sha256')
      .update(canonicalize(request) ?? '')
      .digest('hex');
    ctx.body = {
      id: `chatcmpl-${digest.slice(0, 24)}`,
      object: 'chat.completion',
      created: CREATED_SECONDS,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content },
          finish_reason: content === whole ? 'stop' : 'length',
        },
      ],
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      },
    };
  });
}

function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** As many whole characters as fit into `tokens`. */
function firstTokens(text: string, tokens: number): string {
  let room = tokens * BYTES_PER_TOKEN;
  let kept = '';
  for (const character of text) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept;
}

function readRequest(ctx: RouterContext, request: unknown) {
  if (!isObject(request)) ctx.throw(400, 'the request is not an object: send {"model": …, "messages": […]}');
  const { model, messages, max_tokens: maxTokens = 256 } = request;
  if (model !== MODEL) ctx.throw(404, `model is unknown: the sandbox has "${MODEL}" alone`);
  if (!Array.isArray(messages) || messages.length === 0 || !messages.every(isMessage)) {
    ctx.throw(400, `messages is not a list of {"role": one of ${ROLES.join(', ')}, "content": a string}`);
  }
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1 || maxTokens > 4096) {
    ctx.throw(400, 'max_tokens is not an integer from 1 to 4096');
  }
  return { messages, maxTokens };
}

function isMessage(value: unknown): value is Message {
  return isObject(value) && ROLES.some((role) => role === value.role) && typeof value.content === 'string';
}
