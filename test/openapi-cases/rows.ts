/**
 * The table of what a document may say and what has to come of it: each row is drawn from a way in which tools that read
 * OpenAPI have failed their users. `openapi-cases.test.ts` takes every row from a document to the wire.
 */

export interface Row {
  readonly number: number;
  readonly subject: string;
  readonly expected: string;
}

const TABLE: readonly (readonly [number: number, subject: string, expected: string])[] = [
  // References
  [1, 'a circular $ref', 'finite, serialisable $defs'],
  [2, 'a $ref to a place outside of components', 'resolved'],
  [3, 'a document of several files', "resolved from the document's own place, and from the network only when asked to"],
  [4, 'a $ref inside an x- extension that leads nowhere', 'a warning, no more'],
  [5, 'one path item that two paths refer to', 'an operation for each'],
  [6, 'parameters of a path', 'merged, and the operation wins; what else a path says is no operation'],
  [7, 'parameters of a path behind a $ref', 'resolved'],
  // Servers
  [8, 'servers of the document, of a path and of an operation', 'the nearest wins'],
  [9, 'server variables', 'their defaults; values of the enum can be chosen, and no others'],
  [10, 'a relative server and its base path', 'joined, never lost'],
  // Parameters
  [11, 'a path value with slashes, dots or a question mark', 'percent-encoded; dot segments are refused'],
  [12, 'a missing path argument', 'refused before anything is sent'],
  [13, 'the path styles simple, label and matrix', "as the specification's table of styles has them"],
  [14, 'an array in the query', 'the name again for each item'],
  [15, 'explode: false, and pipes and spaces between items', 'joined by the style'],
  [16, 'deepObject', 'a name with the key in brackets for each property'],
  [17, 'one name in path, query and body', 'all three can be set'],
  // Bodies
  [18, "a body's property with the name of a parameter", 'both are sent'],
  [19, 'a body that is an array', 'sent bare'],
  [20, 'a body that is one JSON value', 'sent as JSON'],
  [21, 'a body that is a dictionary', 'sent without a wrapper'],
  [22, 'a body of application/x-www-form-urlencoded', 'encoded in the styles of its encoding'],
  [23, 'a multipart body with a file', 'a boundary, the bytes of the file, and the content type of each part'],
  [24, 'a body of application/octet-stream', 'base64 comes in, bytes go out'],
  [25, 'JSON Patch, Merge Patch, types that end in +json, and charsets', 'the exact Content-Type'],
  [26, 'a body without a content type', 'application/json'],
  [27, 'cookie parameters', 'one Cookie header'],
  [28, 'parameters that name Accept, Content-Type and Authorization', 'ignored, as the specification says'],
  [29, 'arguments that are absent, null or empty', 'absent ones are left out; null is kept where the schema has null'],
  [30, 'a default', 'told to the agent, and sent only where the parameter is required'],
  // Schemas
  [31, 'nullable of OpenAPI 3.0', 'null among the types'],
  [32, 'exclusiveMaximum as a boolean, of OpenAPI 3.0', 'its numeric form'],
  [33, 'oneOf, anyOf or allOf at the top of a body', "under the body's key, never at the root of the arguments"],
  [34, 'chains and cycles of allOf', 'kept, with the same meaning'],
  [35, 'a union with an array in it', 'the items are kept'],
  [36, 'readOnly in a request, writeOnly in an answer', 'taken out, also of what is required'],
  [37, 'values that an enum has twice', 'once each'],
  [38, 'an answer that breaks its schema', 'delivered and charged all the same, with a warning that names the place'],
  [39, 'a $ref in what an agent reads', 'to a $defs beside it'],
  // Names
  [40, 'names that are long, or collide', 'ids that are readable, unique, stable and within their limit'],
  [41, 'operationIds that are missing, or there twice', 'ids made of method and path'],
  // Answers
  [42, 'an answer of 4xx or 5xx', 'an error with its status, its body and when to try again'],
  [43, 'an image, a sound and a PDF', 'content of that kind, with the exact bytes'],
  [44, 'a huge answer', 'a bounded and valid preview; parts of it can be asked for; beyond the limit it is refused'],
  // Credentials
  [45, 'OAuth2 client credentials', 'a token is fetched once and kept; the client goes by Basic or in the body'],
  [46, 'Basic with an empty password', 'sent'],
  [47, 'a key in the query or a cookie, and OpenID Connect', 'applied'],
  // The rest
  [48, '${…} and back-ticks in what a document says', 'plain text in the TypeScript that is generated'],
  [49, 'a parameter with a media type', 'encoded by it'],
  [50, 'Swagger 2.0', 'read as what it says, cycles and forms too'],
  [51, 'type arrays, const, examples and webhooks of OpenAPI 3.1', 'kept; webhooks are no endpoints'],
  [52, 'the query method, additional operations and streams of OpenAPI 3.2', 'read'],
  [
    53,
    'security: none, one of several, several together',
    'the first that is configured, and none where none is needed',
  ],
  [54, 'one path under two names of its parameter', 'both operations'],
  [55, 'a 200 without content, and a default answer alone', 'described as such'],
  // What documents in the wild teach
  [56, 'a path that has a query of its own', "kept, with the arguments' after it"],
  [57, 'a path parameter that is described nowhere', 'an argument all the same, and required'],
  [58, 'a path parameter that the path does not have', 'no argument'],
  [59, 'an API key as a security scheme and as a parameter', "the gateway's is sent, and the argument is none"],
  [60, 'words and numbers that other YAML reads as truth values or decimals', 'what they are written as'],
  [61, 'subtypes that only their allOf of a base with a discriminator shows', 'listed, each with its value'],
  [62, 'a body with required fields that nothing calls required', 'in the example all the same, and no call needs it'],
];

export const ROWS: readonly Row[] = TABLE.map(([number, subject, expected]) => ({ number, subject, expected }));
