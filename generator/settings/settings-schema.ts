/**
 * JSON Schemas of `provider.yaml` (and `x-tollgate`) and of an overlay file. They say what shape is admitted; what a
 * schema cannot say (a maximum below a minimum, a JMESPath expression that does not parse) is `check-settings.ts`.
 */

import { PROVIDER_ID } from './discover-providers.js';

/** A USDC amount: a non-negative decimal of at most six places. */
export const USDC_PATTERN = '^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?$';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const amount = { type: 'string', pattern: USDC_PATTERN };
const oneOrMore = (item: object) => ({ anyOf: [item, { type: 'array', items: item, minItems: 1 }] });

const price = {
  type: 'object',
  discriminator: { propertyName: 'model' },
  oneOf: [
    { properties: { model: { const: 'free' } }, required: ['model'], additionalProperties: false },
    {
      properties: { model: { const: 'per_call' }, amount },
      required: ['model', 'amount'],
      additionalProperties: false,
    },
    {
      properties: {
        model: { const: 'per_unit' },
        unit: text(40),
        amount,
        per: { type: 'integer', minimum: 1, maximum: 1_000_000_000_000 },
        meter: text(500),
        min: amount,
        max: amount,
      },
      required: ['model', 'unit', 'amount', 'per', 'meter', 'max'],
      additionalProperties: false,
    },
  ],
};

const match = {
  type: 'object',
  properties: {
    operationId: oneOrMore(text(300)),
    tag: oneOrMore(text(300)),
    method: oneOrMore(text(40)),
    path: oneOrMore(text(500)),
  },
  additionalProperties: false,
  minProperties: 1,
};

const charge = {
  type: 'object',
  properties: {
    on: {
      type: 'array',
      minItems: 1,
      items: {
        anyOf: [
          { type: 'string', pattern: '^[1-5]([xX]{2}|[0-9]{2})$' },
          { type: 'integer', minimum: 100, maximum: 599 },
        ],
      },
    },
    void_if: text(500),
  },
  additionalProperties: false,
};

export const PROVIDER_SCHEMA = {
  type: 'object',
  properties: {
    title: text(200),
    summary: text(500),
    categories: { type: 'array', maxItems: 20, items: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,39}$' } },
    server: { type: 'string', pattern: '^https?://[^\\s?#@]+$' },
    documentation: { type: 'string', pattern: '^https?://[^\\s]+$' },
    credentials: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        properties: {
          env: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
          audience: text(500),
          scopes: { type: 'array', items: { type: 'string', pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,300}$' } },
          region: { type: 'string', pattern: '^[a-z0-9-]{1,40}$' },
          service: { type: 'string', pattern: '^[a-z0-9_-]{1,60}$' },
        },
        required: ['env'],
        additionalProperties: false,
      },
    },
    seller: {
      type: 'object',
      properties: { id: { type: 'string', pattern: PROVIDER_ID.source }, name: text(200) },
      required: ['id'],
      additionalProperties: false,
    },
    pricing: {
      type: 'object',
      properties: {
        default: price,
        rules: {
          type: 'array',
          items: {
            type: 'object',
            properties: { match, price },
            required: ['match', 'price'],
            additionalProperties: false,
          },
        },
      },
      additionalProperties: false,
    },
    charge,
    operations: {
      type: 'object',
      properties: { include: { type: 'array', items: match }, exclude: { type: 'array', items: match } },
      additionalProperties: false,
    },
    arguments: {
      type: 'object',
      properties: { fixed: { type: 'object' }, hidden: { type: 'array', items: text(300) } },
      additionalProperties: false,
    },
    limits: {
      type: 'object',
      properties: {
        timeoutMs: { type: 'integer', minimum: 100, maximum: 600_000 },
        // An answer is told as JSON within JSON, where a byte can take seven characters, and a string has half a billion.
        maxResponseBytes: { type: 'integer', minimum: 1_024, maximum: 50_000_000 },
        concurrency: { type: 'integer', minimum: 1, maximum: 10_000 },
        connectTimeoutMs: { type: 'integer', minimum: 100, maximum: 60_000 },
        firstByteTimeoutMs: { type: 'integer', minimum: 100, maximum: 600_000 },
        idleTimeoutMs: { type: 'integer', minimum: 100, maximum: 600_000 },
        queue: { type: 'integer', minimum: 0, maximum: 100_000 },
        queueTimeoutMs: { type: 'integer', minimum: 10, maximum: 60_000 },
        ratePerSecond: { type: 'number', minimum: 0.01, maximum: 100_000 },
        breakerFailures: { type: 'integer', minimum: 0, maximum: 1_000 },
        breakerOpenMs: { type: 'integer', minimum: 100, maximum: 600_000 },
        retries: { type: 'integer', minimum: 0, maximum: 5 },
        bytesPerSecond: { type: 'integer', minimum: 10_000, maximum: 10_000_000_000 },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

export const OPERATION_SCHEMA = {
  type: 'object',
  properties: { price, charge, title: text(200), summary: text(500), exclude: { type: 'boolean' } },
  additionalProperties: false,
};

/**
 * OpenAPI Overlay 1.1.0, section "Schema". Overlays of 1.0.0 fit it as well; `copy` is new in 1.1.0. Extensions (`x-…`) are
 * admitted wherever the specification admits them.
 */
export const OVERLAY_SCHEMA = {
  type: 'object',
  properties: {
    overlay: { type: 'string', pattern: '^1\\.[01]\\.[0-9]+$' },
    info: {
      type: 'object',
      properties: { title: { type: 'string' }, version: { type: 'string' }, description: { type: 'string' } },
      required: ['title', 'version'],
      patternProperties: { '^x-': {} },
      additionalProperties: false,
    },
    extends: { type: 'string' },
    actions: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          target: { type: 'string', minLength: 1, maxLength: 2_000 },
          description: { type: 'string' },
          update: {},
          copy: { type: 'string', minLength: 1, maxLength: 2_000 },
          remove: { type: 'boolean' },
        },
        required: ['target'],
        patternProperties: { '^x-': {} },
        additionalProperties: false,
      },
    },
  },
  required: ['overlay', 'info', 'actions'],
  patternProperties: { '^x-': {} },
  additionalProperties: false,
};
