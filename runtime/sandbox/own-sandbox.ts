import type { Catalogue } from '../catalogue/catalogue.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import { runSandbox, type RunningSandbox } from './run-sandbox.js';

/** The sandbox as a part of the gateway, which runs it itself unless the operator has named another upstream for it. */
export class OwnSandbox {
  #running: RunningSandbox | undefined;

  constructor(
    private readonly config: Pick<Config, 'upstreamFor'>,
    private readonly clock: Clock,
  ) {}

  /** Undefined where nothing has needed it yet. */
  get running(): RunningSandbox | undefined {
    return this.#running;
  }

  /** Starts it where the catalogue has its provider and it does not run yet. */
  async runFor({ providers }: Catalogue): Promise<void> {
    const isNeeded = providers.has('sandbox') && this.config.upstreamFor('sandbox') === undefined;
    if (isNeeded) this.#running ??= await runSandbox(this.clock);
  }

  /** Its URL, for its own provider while it runs. */
  urlFor(provider: string): string | undefined {
    return provider === 'sandbox' ? this.#running?.url : undefined;
  }

  async close(): Promise<void> {
    await this.#running?.close();
  }
}
