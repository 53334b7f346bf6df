/**
 * What the generator has to say about its input. Nothing is dropped without a row here: a document that is not
 * admitted is `refused`, a part of an endpoint (or a whole operation) that could not be carried over is a `loss`, and
 * all that a maintainer should look at is a `warning`.
 */

/** Where in a provider's files: `line` and `column` count from 1. */
export interface Place {
  /** Path below `specs/`, with forward slashes. */
  readonly file: string;
  /** JSON pointer (RFC 6901), `""` for the whole document. */
  readonly pointer: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Refusal extends Place {
  readonly provider: string;
  /** A short stable name of the rule, kebab-case: `ref-outside-folder`. */
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

export interface Loss extends Place {
  /** `<provider>/<operation>`, or `<provider>/METHOD /path` where no endpoint came of it. */
  readonly endpoint: string;
  /** A short stable name of the rule, kebab-case: `dangling-ref`. */
  readonly rule: string;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

export interface Warning extends Place {
  readonly provider: string;
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

/** Collects findings of one provider; each stage is handed one and appends to it. */
export class Findings {
  readonly refused: Refusal[] = [];
  readonly losses: Loss[] = [];
  readonly warnings: Warning[] = [];
}

/** A user's error: the input is at fault, not the generator. It stops one provider, never the run. */
export class SpecError extends Error {
  constructor(
    readonly place: Place,
    readonly rule: string,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
    this.name = 'SpecError';
  }
}
