/** Appends findings of one document, with their places, on behalf of the endpoint that is being read. */

import type { LoadedDocument } from '../load/load-document.js';
import type { Findings, Loss } from '../report/findings.js';

export class Reporter {
  readonly #provider: string;
  readonly #place: LoadedDocument['place'];
  readonly #findings: Findings;
  readonly #seen = new Set<string>();
  #endpoint: string;

  constructor(provider: string, place: LoadedDocument['place'], findings: Findings) {
    this.#provider = provider;
    this.#place = place;
    this.#findings = findings;
    this.#endpoint = `${provider}/`;
  }

  /** @param endpoint what comes behind `<provider>/`: the operation's id, or `METHOD /path` where none came of it */
  begin(endpoint: string): void {
    this.#endpoint = `${this.#provider}/${endpoint}`;
  }

  /** Something that the document says and the endpoint does not carry. Shared schemas are reported once. */
  loss(pointer: string, lost: Pick<Loss, 'rule' | 'what' | 'why' | 'remedy'>): void {
    if (this.#isNew(`${this.#endpoint} ${pointer} ${lost.what}`)) {
      this.#findings.losses.push({ endpoint: this.#endpoint, ...this.#place(pointer), ...lost });
    }
  }

  /** The loss of what a `$ref` should have led to. */
  dangling(pointer: string, what: string): void {
    const remedy = 'correct the $ref, or add what it refers to';
    this.loss(pointer, { rule: 'dangling-ref', what, why: 'its reference leads nowhere', remedy });
  }

  /** Something that a maintainer should look at; the same thing is said once a document. */
  warning(pointer: string, rule: string, message: string, remedy: string): void {
    if (this.#isNew(`${rule} ${pointer} ${message}`)) {
      this.#findings.warnings.push({ provider: this.#provider, ...this.#place(pointer), rule, message, remedy });
    }
  }

  /** A second place that a message is about: `acme.yaml:12:5`, or the pointer where lines are not known. */
  position(pointer: string): string {
    const { file, line, column } = this.#place(pointer);
    return line === undefined || column === undefined ? `#${pointer}` : `${file}:${line}:${column}`;
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}
