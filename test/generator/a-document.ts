/** A document with a bit of everything that types are made of, and one that is out to do harm. */

export const PETS = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '1.2', description: 'A shop of pets. It is open.' },
  servers: [{ url: 'https://{region}.pets.example', variables: { region: { default: 'eu', enum: ['eu', 'us'] } } }],
  paths: {
    '/pets': {
      parameters: [{ name: 'page', in: 'query', schema: { type: 'integer', default: 1 } }],
      get: {
        operationId: 'listPets',
        tags: ['pets'],
        summary: 'List pets',
        parameters: [
          { name: 'kind', in: 'query', required: true, schema: { type: 'string', enum: ['cat', 'dog'] } },
          {
            name: 'filter',
            in: 'query',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Filter' } } },
          },
        ],
        responses: {
          200: {
            description: 'Pets',
            content: {
              'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/Pet' } } },
            },
          },
        },
      },
      post: {
        operationId: 'createPet',
        tags: ['pets'],
        summary: 'Create a pet',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
        },
        responses: {
          201: {
            description: 'Made',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
          },
        },
      },
    },
    '/pets/{petId}/photo': {
      put: {
        operationId: 'delete',
        summary: 'Replace the photo',
        parameters: [{ name: 'petId', in: 'path', required: true, schema: { type: 'integer' } }],
        requestBody: {
          content: {
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['file'],
                properties: { file: { type: 'string', format: 'binary' }, caption: { type: 'string' } },
              },
            },
          },
        },
        responses: { 204: { description: 'Done' } },
      },
    },
  },
  components: {
    schemas: {
      Pet: {
        type: 'object',
        required: ['id', 'name'],
        properties: {
          id: { type: 'string', readOnly: true },
          name: { type: 'string' },
          secret: { type: 'string', writeOnly: true },
          mother: { $ref: '#/components/schemas/Pet' },
          age: { type: 'integer', default: 0 },
        },
      },
      Filter: { type: 'object', properties: { name: { type: 'string' } } },
      Unused: { type: 'object', properties: { never: { type: 'string' } } },
    },
  },
};

/** Each of these would break out of a string, a template, a comment or a type, if it were let. */
export const HOSTILE_TEXT =
  '*/ globalThis.injected = 1; /* `${(globalThis.injected = 2)}` "; globalThis.injected = 3; // \' \\ </script> \u2028\u2029 \u202e <!--';

export const HOSTILE = {
  openapi: '3.0.3',
  info: { title: HOSTILE_TEXT, version: HOSTILE_TEXT, description: HOSTILE_TEXT },
  servers: [{ url: 'https://hostile.example' }],
  paths: {
    '/a/`${globalThis.injected=4}`/*/"x"/': {
      get: {
        operationId: '__proto__',
        summary: HOSTILE_TEXT,
        description: `${HOSTILE_TEXT}\n${HOSTILE_TEXT}`,
        tags: [HOSTILE_TEXT],
        parameters: [
          {
            name: '__proto__',
            in: 'query',
            description: HOSTILE_TEXT,
            schema: { type: 'string', default: HOSTILE_TEXT },
          },
          { name: HOSTILE_TEXT, in: 'query', schema: { type: 'string', enum: [HOSTILE_TEXT, '*/'] } },
        ],
        responses: {
          200: {
            description: HOSTILE_TEXT,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Bad' } } },
          },
        },
      },
    },
    '/constructor': {
      get: { operationId: 'constructor', summary: '@deprecated', responses: { 200: { description: 'ok' } } },
    },
  },
  components: {
    schemas: {
      Bad: {
        type: 'object',
        title: HOSTILE_TEXT,
        description: HOSTILE_TEXT,
        properties: {
          constructor: { type: 'string', description: HOSTILE_TEXT },
          [HOSTILE_TEXT]: { type: 'string', enum: [HOSTILE_TEXT], example: HOSTILE_TEXT },
        },
      },
    },
  },
};

/** PETS with a schema that stands in another file. */
export function petsReferringTo(file: string) {
  const schema = { $ref: file };
  const responses = { 200: { description: 'Pets', content: { 'application/json': { schema } } } };
  return { ...PETS, paths: { '/pets': { get: { operationId: 'listPets', responses } } } };
}
