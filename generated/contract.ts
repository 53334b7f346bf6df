/**
 * The contract between the generator, which writes `generated/`, and the runtime, which reads it.
 *
 * This file is copied verbatim to `generated/contract.ts` at every generation and imports nothing. Everything here is
 * plain JSON: a provider's file can be parsed on first use and needs no code to run. Amounts are USDC as decimal
 * strings with up to six places, never floats.
 */

/** The version of these shapes. The runtime refuses a catalogue that was written for another. */
export const CATALOGUE_FORMAT = 1;

/** `<provider>/<operation>`: at most 128 characters of `[a-z0-9._-]` beside the slash; stable between generations. */
export type EndpointId = `${string}/${string}`;

/** USDC as a decimal string, at most six places: `"0.001500"`. */
export type Usdc = string;

/** JSON Schema 2020-12. A `$ref` is always `#/$defs/<name>`, a name in the provider's `definitions`. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

// ---------------------------------------------------------------------------------------------------------------------
// Prices and charging

export type Price = FreePrice | CallPrice | MeteredPrice;

export interface FreePrice {
  readonly model: 'free';
}

/** The same amount for each charged call. */
export interface CallPrice {
  readonly model: 'per_call';
  readonly amount: Usdc;
}

/**
 * `amount` USDC for every `per` units, where `meter` (JMESPath) reads the number of units from the answer's body. Of an
 * event stream or lines of JSON that is the list of the records' data.
 * The total is rounded once, upward, to a micro-USDC, then kept within `min` and `max`. `max` is what a call can cost
 * at most, and so what is held for it.
 */
export interface MeteredPrice {
  readonly model: 'per_unit';
  readonly unit: string;
  readonly amount: Usdc;
  readonly per: number;
  readonly meter: string;
  readonly min?: Usdc;
  readonly max: Usdc;
}

/** When a call that was answered is charged. What never got an answer is never charged. */
export interface ChargingRule {
  /** Upstream statuses that are charged: `"200"`, or a class such as `"2xx"`. */
  readonly on: readonly string[];
  /** JMESPath over the answer's JSON body: a truthy result means that the call is released, not charged. */
  readonly voidIf?: string;
}

/** What calls to a provider may take. Where a limit is left out, the gateway has a default of its own. */
export interface Limits {
  /** From the moment that the request is sent, or waits for a connection, to the end of the answer. */
  readonly timeoutMs: number;
  /** Counted after decompression. */
  readonly maxResponseBytes: number;
  /** Calls at a time. */
  readonly concurrency: number;
  /** Until a connection stands: name, socket and TLS. */
  readonly connectTimeoutMs?: number;
  /** From the request's last byte to the answer's head. */
  readonly firstByteTimeoutMs?: number;
  /** How long an answer that has begun may stand still. */
  readonly idleTimeoutMs?: number;
  /** Calls that may wait for a place among the calls at a time, and how long each of them may. */
  readonly queue?: number;
  readonly queueTimeoutMs?: number;
  /** Calls a second, with bursts of twice that. */
  readonly ratePerSecond?: number;
  /** Failures in a row after which no call is sent for `breakerOpenMs`; 0 for never. */
  readonly breakerFailures?: number;
  readonly breakerOpenMs?: number;
  /** How often a request is sent again by itself, where that can do nothing twice; 0 for never. */
  readonly retries?: number;
  /** How fast the provider's answers are read, all of them together. */
  readonly bytesPerSecond?: number;
}

// ---------------------------------------------------------------------------------------------------------------------
// How a request is built

/** Any token that HTTP allows as a method, upper case; OpenAPI 3.2 adds `QUERY` and `additionalOperations`. */
export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'PATCH' | 'TRACE' | (string & {});

export type ParameterLocation = 'path' | 'query' | 'header' | 'cookie' | 'server';

/** OpenAPI 3.1 section 4.8.12.3, "Style Values". */
export type ParameterStyle =
  'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'tabDelimited' | 'deepObject';

/** Ties one argument of the endpoint to its place in the request. */
export interface ParameterBinding {
  /** The argument's name in `arguments`; absent where the value is `fixed`. */
  readonly argument?: string;
  /** The name on the wire. For `in: 'server'` the server variable's name. */
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowReserved?: true;
  /** Set where the parameter has `content` in place of a schema: the value is encoded by this media type. */
  readonly contentType?: string;
  /** Sent on every call; the caller can neither see nor change it. */
  readonly fixed?: unknown;
  /** The schema's default. Sent only where the parameter is required and the caller left it out. */
  readonly default?: unknown;
}

export type BodyEncoding = 'json' | 'form' | 'multipart' | 'binary' | 'text' | 'xml';

/** OpenAPI's Encoding Object for one property of a form or multipart body. */
export interface FieldEncoding {
  readonly contentType?: string;
  readonly style?: ParameterStyle;
  readonly explode?: boolean;
  readonly allowReserved?: true;
  /** The value is base64 of a file's bytes, or an object `{data, filename?, contentType?}` with `data` in base64. */
  readonly binary?: true;
}

/** The request's body. Its value is one argument, never spread over the root of the arguments. */
export interface BodyBinding {
  /** `body`, unless a parameter already has that name. */
  readonly argument: string;
  readonly required: boolean;
  /** Sent exactly as written here, except that multipart gains its boundary. */
  readonly contentType: string;
  readonly encoding: BodyEncoding;
  /** Only for `form` and `multipart`: the fields that the document lists, in its order, which is that on the wire. */
  readonly fields?: Readonly<Record<string, FieldEncoding>>;
  /** Properties that are sent on every call; the caller can neither see nor change them. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

/**
 * Where the requests go: an absolute `http` or `https` URL without a trailing slash, in which `{name}` stands for a
 * server variable. It starts with `/` (or is empty) where the document names no host: such an endpoint is unavailable
 * until the operator sets `TOLLGATE_UPSTREAM_<PROVIDER>`.
 */
export type ServerUrl = string;

export interface ResponseDescriptor {
  /** `"200"`, `"2XX"` or `"default"`, as in the document. */
  readonly status: string;
  readonly description?: string;
  readonly contentType?: string;
  /** Only for successful answers. */
  readonly schema?: JsonSchema;
  /** A stream that the same status may answer with in its place, as it mostly does where an argument asks for one. */
  readonly stream?: { readonly contentType: string; readonly schema: JsonSchema };
}

// ---------------------------------------------------------------------------------------------------------------------
// Credentials

export type SecurityScheme =
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
  /** `scheme` in lower case: `basic`, `bearer`, or another of the IANA registry. */
  | { readonly type: 'http'; readonly scheme: string }
  | {
      readonly type: 'oauth2';
      /** The client-credentials flow, where the document has it; else the operator supplies a bearer token. */
      readonly tokenUrl?: string;
      readonly scopes?: readonly string[];
    }
  | { readonly type: 'openIdConnect'; readonly url: string }
  /** AWS Signature Version 4. `service` is the name that is signed, where the document says it; else the host does. */
  | { readonly type: 'awsSigV4'; readonly service?: string }
  | { readonly type: 'mutualTLS' };

/** Scheme name → scopes; all the schemes of one alternative are applied together. `{}` means that none is needed. */
export type SecurityAlternative = Readonly<Record<string, readonly string[]>>;

/** Where the operator's credential for a scheme is found, and what has to be known beside it. Never the secret itself. */
export interface CredentialSource {
  /** The name of an environment variable. */
  readonly env: string;
  /** Sent to an OAuth2 token server that wants to know whom the token is for. */
  readonly audience?: string;
  /** Scopes to ask a token for, in the place of those that the operation lists. */
  readonly scopes?: readonly string[];
  /** Signed by AWS Signature Version 4, where the host does not tell. */
  readonly region?: string;
  readonly service?: string;
}

// ---------------------------------------------------------------------------------------------------------------------
// Descriptors

/** One operation, with all that is needed to show, price and call it. */
export interface EndpointDescriptor {
  readonly id: EndpointId;
  readonly method: HttpMethod;
  /** The path template, as in the document: `/pets/{petId}`. */
  readonly path: string;
  readonly title: string;
  readonly summary: string;
  /** Markdown, control and bidirectional characters removed, capped in length. */
  readonly description: string;
  readonly tags: readonly string[];
  readonly deprecated?: true;
  readonly server: ServerUrl;
  /** JSON Schema of an object, `additionalProperties: false`; one property an argument. */
  readonly arguments: JsonSchema;
  readonly parameters: readonly ParameterBinding[];
  readonly body?: BodyBinding;
  readonly responses: readonly ResponseDescriptor[];
  /** Alternatives in the document's order; empty where no credential is needed. */
  readonly security: readonly SecurityAlternative[];
  readonly price: Price;
  readonly charge: ChargingRule;
  /** Arguments that satisfy the schema. */
  readonly example: Readonly<Record<string, unknown>>;
}

export interface ProviderDescriptor {
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  readonly version: string;
  readonly categories: readonly string[];
  readonly seller: { readonly id: string; readonly name: string };
  readonly securitySchemes: Readonly<Record<string, SecurityScheme>>;
  /** Scheme name → where the operator's credential is found, beside `TOLLGATE_CREDENTIAL_<PROVIDER>_<SCHEME>`. */
  readonly credentials: Readonly<Record<string, CredentialSource>>;
  readonly limits: Limits;
  readonly documentation?: string;
}

/** `generated/providers/<provider>/descriptors.json`: read on first use. */
export interface ProviderFile {
  readonly format: typeof CATALOGUE_FORMAT;
  readonly provider: ProviderDescriptor;
  /** The schemas that endpoints share, by name; refer to one another as `#/$defs/<name>`. */
  readonly definitions: Readonly<Record<string, JsonSchema>>;
  readonly endpoints: readonly EndpointDescriptor[];
}

// ---------------------------------------------------------------------------------------------------------------------
// Catalogue

/** A row of the search index: what browse shows, and the words that it is found by. */
export interface CatalogueEntry {
  readonly id: EndpointId;
  readonly title: string;
  readonly summary: string;
  readonly method: HttpMethod;
  readonly path: string;
  readonly price: Price;
  readonly tags: readonly string[];
  /** Names of the arguments, and of the body's properties. */
  readonly words: readonly string[];
  /** The beginning of the description. */
  readonly text: string;
  readonly deprecated?: true;
  /** Which of its provider's `access.needs` it has; absent where it needs no credential. */
  readonly needs?: number;
}

export interface CatalogueProvider {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly categories: readonly string[];
  readonly seller: { readonly id: string; readonly name: string };
  readonly endpoints: number;
  /** Absent where no endpoint needs a credential. */
  readonly access?: ProviderAccess;
}

/** What tells which endpoints of a provider can be called with the credentials that there are, without its descriptors. */
export interface ProviderAccess extends Pick<ProviderDescriptor, 'securitySchemes' | 'credentials'> {
  /** The different `security` of its endpoints, without scopes. */
  readonly needs: readonly (readonly SecurityAlternative[])[];
}

/** `generated/catalogue.json`. */
export interface Catalogue {
  readonly format: typeof CATALOGUE_FORMAT;
  readonly providers: readonly CatalogueProvider[];
  readonly endpoints: readonly CatalogueEntry[];
}

export interface ManifestProvider {
  readonly id: string;
  readonly endpoints: number;
  /** Files under `specs/` that it was made from, with SHA-256 in hex of each. */
  readonly sources: readonly { readonly file: string; readonly sha256: string }[];
  /** Files under `generated/` that were made of it. */
  readonly files: readonly { readonly file: string; readonly sha256: string }[];
}

/** `generated/manifest.json`: what was made from what. */
export interface Manifest {
  readonly format: typeof CATALOGUE_FORMAT;
  /** SHA-256 in hex over the digests of the catalogue and of each provider's descriptors; stands in every receipt. */
  readonly catalogueDigest: string;
  /** SHA-256 in hex of `catalogue.json`. */
  readonly catalogue: string;
  readonly providers: readonly ManifestProvider[];
}

// ---------------------------------------------------------------------------------------------------------------------
// Typed endpoints

/**
 * A member of the constant that `generated/providers/<provider>/endpoints.ts` exports: an endpoint's public face, with the
 * types of its arguments and of its answer. The two type fields exist for the compiler alone and are never set.
 */
export interface Endpoint<Arguments = unknown, Answer = unknown> {
  readonly id: EndpointId;
  readonly method: HttpMethod;
  readonly path: string;
  readonly title: string;
  readonly price: Price;
  readonly '~arguments'?: Arguments;
  readonly '~answer'?: Answer;
}
