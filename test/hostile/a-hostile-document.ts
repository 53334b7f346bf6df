/** A document that says one text wherever a document may say something, and the places where it says so. */

export interface HostileText {
  /** In titles, descriptions and values; whatever it is. */
  readonly text: string;
  /** As a name of a property, a parameter, a schema, an operation. */
  readonly name: string;
}

/** @param server where the document says that its requests go */
export function hostileDocument({ text, name }: HostileText, server = 'https://hostile.example'): object {
  const schema = {
    type: 'object',
    title: text,
    description: text,
    properties: entry(name, { type: 'string', title: text, description: text, enum: [text, 'other'], default: text }),
    required: [name],
    additionalProperties: { enum: [text], description: text },
    example: entry(name, text),
  };
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Said' }, example: entry(name, text) } };
  return {
    openapi: '3.1.0',
    info: { title: text, version: text, description: text, summary: text },
    servers: [{ url: server, description: text }],
    tags: [{ name: text, description: text }],
    paths: {
      '/said': {
        summary: text,
        post: {
          operationId: name,
          summary: text,
          description: `${text}\n${text}`,
          tags: [text],
          deprecated: true,
          externalDocs: { url: server, description: text },
          parameters: [
            {
              name,
              in: 'query',
              required: true,
              description: text,
              schema: { type: 'string', enum: [text], description: text },
            },
            { name: 'X-Said', in: 'header', example: text, schema: { type: 'array', items: { const: text } } },
          ],
          requestBody: { description: text, required: true, content },
          responses: { 200: { description: text, content }, default: { description: text } },
        },
      },
      ...entry(`/${encodeURIComponent(name.toWellFormed())}/\`*/"'`, {
        get: { summary: text, responses: { 200: { description: text } } },
      }),
    },
    components: { schemas: { Said: schema, ...entry(name, { ...schema, description: text }) } },
  };
}

/** `{[name]: value}`, but that `__proto__` is a property like any other. */
function entry(name: string, value: unknown): object {
  return Object.fromEntries([[name, value]]);
}
