/** The plain-HTTP face, described: made of the tools' own schemas, so that it cannot say anything else than they do. */

import { ERRORS } from '../gateway-error.js';
import type { JsonObject, Tool } from '../mcp/tool.js';
import { TOOLS } from '../mcp/toolbox.js';
import { VERSION } from '../package-root.js';
import { RECEIPT_SIGNATURE } from '../receipt/receipt-batch.js';

/** An OpenAPI 3.1 document for the gateway at this URL. */
export function openApiDocument(serverUrl: string): JsonObject {
  const callOptions = omit(inputProperties('call_api'), ['endpoint', 'arguments', 'idempotency_key']);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tollgate',
      version: VERSION,
      description: 'Discover, price and call many APIs, paid from one prepaid USDC balance.',
    },
    servers: [{ url: serverUrl }],
    paths: {
      '/v1/apis': { get: operation('browse_apis', { parameters: queryOf(inputProperties('browse_apis')) }) },
      '/v1/apis/{provider}/{operation}': { get: operation('describe_endpoint', { parameters: ENDPOINT }) },
      '/v1/apis/{endpoint}': {
        get: operation('describe_endpoint', {
          operationId: 'describe_endpoint_by_id',
          parameters: [pathParameter('endpoint', "The endpoint's whole id, its slash written %2F")],
        }),
      },
      '/v1/quotes': { post: operation('get_pricing', { requestBody: json(tool('get_pricing').inputSchema) }) },
      '/v1/call/{provider}/{operation}': {
        post: operation('call_api', {
          parameters: [...ENDPOINT, ...queryOf(callOptions), IDEMPOTENCY_KEY],
          requestBody: json({ type: 'object', description: "The endpoint's arguments" }),
          answer: BYTES,
        }),
      },
      '/v1/balance': { get: operation('check_balance', {}) },
      '/v1/usage': {
        get: operation('get_usage', {
          parameters: queryOf(inputProperties('get_usage')),
          answer: {
            ...storedAnswer(),
            ...BYTES,
            total: { type: 'object', description: 'Of all pages; with the first alone' },
          },
        }),
      },
      '/v1/ratings': {
        post: operation('rate_seller', { requestBody: json(tool('rate_seller').inputSchema) }),
      },
      '/v1/receipts/{id}': {
        get: {
          operationId: 'get_receipt',
          summary: 'Get a receipt of this account again',
          security: WITH_KEY,
          parameters: [pathParameter('id', "The receipt's id, or the request_id of its call")],
          responses: {
            200: { description: 'The receipt', ...jsonContent({ $ref: '#/components/schemas/Receipt' }) },
            default: ERROR,
          },
        },
      },
      '/mcp': {
        post: {
          operationId: 'mcp',
          summary: 'The same operations as tools: Model Context Protocol, stateless Streamable HTTP',
          security: [{ apiKey: [] }, {}],
          requestBody: json({
            type: ['object', 'array'],
            description: 'A JSON-RPC message; before MCP 2026-07-28 also a batch',
          }),
          responses: {
            200: {
              description: 'A JSON-RPC response, or one for each request of a batch; as events where there is progress',
              content: {
                'application/json': { schema: { type: ['object', 'array'] } },
                'text/event-stream': { schema: { type: 'string' } },
              },
            },
            202: { description: 'A notification was taken' },
            default: {
              description: 'The request was refused before its messages were carried out',
              ...jsonContent({ $ref: '#/components/schemas/JsonRpcError' }),
            },
          },
        },
      },
      '/': { get: reading('get_root', 'What this is, and where the rest is found') },
      '/openapi.json': { get: reading('get_openapi', 'This document') },
      '/.well-known/tollgate-receipt-keys.json': {
        get: {
          operationId: 'get_receipt_keys',
          summary: 'The addresses that sign receipts, and from when to when',
          responses: {
            200: { description: 'The answer', ...jsonContent({ $ref: '#/components/schemas/ReceiptKeys' }) },
          },
        },
      },
      '/healthz': { get: reading('get_health', 'Whether the process runs') },
      '/readyz': {
        get: reading('get_readiness', 'Whether calls can be taken', {
          503: { description: 'They cannot, and why', ...jsonContent({ type: 'object' }) },
        }),
      },
      '/metrics': {
        get: {
          operationId: 'get_metrics',
          summary: 'Counts and durations for Prometheus',
          responses: { 200: { description: 'Text', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
    },
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          properties: {
            code: { enum: Object.keys(ERRORS) },
            message: { type: 'string' },
            remedy: { type: 'string' },
            retryable: { type: 'boolean' },
            charged: { type: ['string', 'null'], description: 'USDC; null where it is not known what the call cost' },
            request_id: { type: 'string', description: 'Of the call, where one was made' },
            endpoint: { type: 'string' },
            reason: { type: 'string', description: 'Why the call was not charged' },
            status: { type: 'integer', description: "The upstream's HTTP status, where it answered" },
            body: { description: "The upstream's, where it answered" },
            retry_after_seconds: { type: 'number' },
            problems: {
              type: 'array',
              description: 'What is wrong with the arguments, each with a JSON pointer into them',
              items: {
                type: 'object',
                properties: { pointer: { type: 'string' }, message: { type: 'string' } },
                required: ['pointer', 'message'],
              },
            },
          },
          required: ['code', 'message', 'remedy', 'retryable', 'charged'],
        },
        Receipt: RECEIPT,
        ReceiptKeys: RECEIPT_KEYS,
        JsonRpcError: {
          type: 'object',
          properties: {
            jsonrpc: { const: '2.0' },
            id: { type: ['string', 'integer', 'null'], description: 'Of MCP 2026-07-28: left out rather than null' },
            error: {
              type: 'object',
              properties: {
                code: { type: 'integer' },
                message: { type: 'string' },
                data: {
                  anyOf: [
                    { $ref: '#/components/schemas/Error' },
                    {
                      type: 'object',
                      description: 'The MCP revisions that are spoken, where the one of the request is not',
                      properties: {
                        supported: { type: 'array', items: { type: 'string' } },
                        requested: { type: 'string' },
                      },
                      required: ['supported', 'requested'],
                    },
                  ],
                },
              },
              required: ['code', 'message'],
            },
          },
          required: ['jsonrpc', 'error'],
        },
      },
    },
  };
}

const DIGEST = { type: 'string', pattern: '^0x[0-9a-f]{64}$' };
const SECONDS = { type: 'integer', description: 'Seconds since the Unix epoch' };
const ADDRESS = { type: 'string', description: 'With EIP-55 check-sum' };

/** All that a verifier has to know who has never seen this package. */
const RECEIPT = {
  type: 'object',
  description: 'Verifies offline: domain and types of the message are published with the keys',
  properties: {
    message: {
      type: 'object',
      properties: {
        receiptId: { type: 'string', description: 'rcpt_ in the place of the call_ of request_id' },
        account: { type: 'string' },
        seller: { type: 'string' },
        endpoint: { type: 'string' },
        catalogueDigest: { ...DIGEST, description: 'Of the catalogue that the call was made by' },
        requestDigest: {
          ...DIGEST,
          description:
            'SHA-256 of the canonical JSON (RFC 8785) of {"arguments", "endpoint"}; a number that JavaScript would round ' +
            'stands in it with all its digits',
        },
        answerDigest: { ...DIGEST, description: "SHA-256 of the answer's body as received, after decompression" },
        upstreamStatus: { type: 'integer' },
        amountMicroUsdc: { type: 'string', description: 'The charge, in millionths of a USDC' },
        unitPrice: { type: 'string' },
        units: { type: 'string' },
        idempotencyDigest: { ...DIGEST, description: 'SHA-256 of the idempotency key; zeros where there was none' },
        issuedAt: SECONDS,
        number: { type: 'integer', description: "Its place among the account's receipts, from 1" },
        previousDigest: { ...DIGEST, description: "Of the account's receipt before it; zeros where it is the first" },
      },
    },
    digest: { ...DIGEST, description: 'The EIP-712 digest of the message' },
    signature: {
      type: 'string',
      pattern: RECEIPT_SIGNATURE.source,
      description:
        'r, s and v (27 or 28), s the lower one: over digest, where these 65 bytes are all. Otherwise they are over a batch, ' +
        'and behind them stand the place in it (3 bytes, big-endian, less than 2 to the power of the number of hashes) and ' +
        'the hashes beside the way from digest, its leaf, up to the root. A bit of the place that is 1, the lowest first, says ' +
        'that the hash stands to the left. A node is the keccak256 of the two below it; signed is the EIP-712 message ' +
        'ReceiptBatch(bytes32[2]…[2] digests), in the same domain, with one [2] for each hash, whose hashStruct is the ' +
        'keccak256 of the hash of that type and the root',
    },
    signer: ADDRESS,
  },
  required: ['message', 'digest', 'signature', 'signer'],
};

const RECEIPT_KEYS = {
  type: 'object',
  properties: {
    keys: {
      type: 'array',
      items: {
        type: 'object',
        description: 'A receipt is to be believed whose issuedAt is not before validFrom nor after validUntil',
        properties: { address: ADDRESS, validFrom: SECONDS, validUntil: SECONDS },
        required: ['address', 'validFrom'],
      },
    },
    eip712: {
      type: 'object',
      description: 'Domain and types of what is signed: receipts, and statements of accounts',
      properties: { domain: { type: 'object' }, types: { type: 'object' } },
      required: ['domain', 'types'],
    },
  },
  required: ['keys', 'eip712'],
};

const WITH_KEY = [{ apiKey: [] }];

const ENDPOINT = [
  pathParameter('provider', 'The part of the endpoint id before the slash'),
  pathParameter('operation', 'The part after it'),
];

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same again to retry the same call: it is charged at most once',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const ERROR = { description: 'An error', ...jsonContent({ $ref: '#/components/schemas/Error' }) };

/** An answer's bytes, which MCP carries beside its structured content. */
const BYTES = {
  body: { description: 'JSON or text; null where the answer is empty, or bytes' },
  body_base64: {
    type: 'string',
    contentEncoding: 'base64',
    description: 'The body, where it is neither JSON nor text',
  },
};

/** @param answer has the properties of the answer that are another's here than in MCP. */
function operation(name: string, { answer, ...parts }: JsonObject & { readonly answer?: JsonObject }): JsonObject {
  const { title, description, needsAccount } = tool(name);
  const properties = { ...outputProperties(name), ...answer };
  return {
    operationId: name,
    summary: title,
    description,
    ...(needsAccount ? { security: WITH_KEY } : {}),
    ...parts,
    responses: {
      200: { description: 'The answer', ...jsonContent({ type: 'object', properties }) },
      default: ERROR,
    },
  };
}

/** An operation that anyone may read, and that takes nothing. */
function reading(operationId: string, summary: string, others: JsonObject = {}): JsonObject {
  const answered = { description: 'The answer', ...jsonContent({ type: 'object' }) };
  return { operationId, summary, responses: { 200: answered, ...others } };
}

function pathParameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

function tool(name: string): Tool {
  return TOOLS.find((item) => item.name === name)!;
}

function inputProperties(name: string): JsonObject {
  return tool(name).inputSchema.properties as JsonObject;
}

function outputProperties(name: string): JsonObject {
  return tool(name).outputSchema.properties as JsonObject;
}

/** What is answered of one call again, which need not be whole. */
function storedAnswer(): JsonObject {
  const answer = omit(outputProperties('call_api'), ['dry_run', 'method', 'url', 'max_charge']);
  return { ...answer, body_range: { type: 'string', description: 'The bytes of it that body is' } };
}

function omit(properties: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

function queryOf(properties: JsonObject): readonly JsonObject[] {
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
}

function json(schema: unknown): JsonObject {
  return { required: true, ...jsonContent(schema) };
}

function jsonContent(schema: unknown): JsonObject {
  return { content: { 'application/json': { schema } } };
}
