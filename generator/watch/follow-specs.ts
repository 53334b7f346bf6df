/**
 * Follows `specs/`: what settles is brought into the catalogue, one batch after the other. What can be used is told at
 * once; what is refused only when it has been left alone for longer, since half a document looks like a broken one.
 */

import type { LiveCatalogue, ProviderStep } from './live-catalogue.js';
import { Settling } from './settling.js';
import { stepLines } from './step-lines.js';

/** What the gateway is told. */
export interface FollowMessage {
  /** For its operator. */
  readonly told: readonly string[];
  /** The folder of a new catalogue, where there is one. */
  readonly catalogue?: string;
}

export interface FollowOptions {
  readonly specsDir: string;
  /** Calls back with each provider that is touched; resolves when it misses none. */
  readonly watch: (onTouched: (provider: string) => void) => Promise<void>;
  readonly open: () => Promise<LiveCatalogue>;
  readonly send: (message: FollowMessage) => void;
}

const QUIET_MS = 200;
const PATIENCE_MS = 1_000;
const REFUSED_QUIET_MS = 1_000;

/**
 * Resolves when all that was different at the start is brought in, and goes on from there. Rejects where the first
 * catalogue cannot be read.
 */
export async function followSpecs({ specsDir, watch, open, send }: FollowOptions): Promise<void> {
  const refused = new Map<string, ProviderStep>();
  const refusals = new Settling({
    quietMs: REFUSED_QUIET_MS,
    patienceMs: PATIENCE_MS,
    onSettled: (providers) => {
      const rows = [...providers].flatMap((id) => refused.get(id) ?? []);
      for (const { provider } of rows) refused.delete(provider);
      if (rows.length > 0) send({ told: rows.flatMap(stepLines) });
    },
  });

  let live: LiveCatalogue | undefined;
  const bringIn = async (providers?: ReadonlySet<string>): Promise<void> => {
    live ??= await open();
    const { providers: steps, catalogue, total } = await live.follow(providers);
    for (const step of steps) {
      if (step.step !== 'refused') continue;
      refused.set(step.provider, step);
      refusals.touch(step.provider);
    }
    const told = steps.filter(({ step }) => step !== 'refused').flatMap(stepLines);
    if (providers === undefined) {
      told.unshift(
        `watching ${specsDir}: ${String(total.endpoints)} endpoints of ${String(total.providers)} providers`,
      );
    }
    if (told.length > 0) send({ told, ...(catalogue !== undefined && { catalogue }) });
  };

  let work = Promise.resolve();
  const settling = new Settling({
    quietMs: QUIET_MS,
    patienceMs: PATIENCE_MS,
    onSettled: (providers) => {
      work = work
        .then(() => bringIn(providers))
        // Such as a disk that is full: it may pass, and what is touched next is brought in.
        .catch((error: unknown) => send({ told: [`${specsDir} was not followed: ${(error as Error).message}`] }));
    },
  });
  const ready = watch((provider) => {
    // What is written now is not what was refused.
    refused.delete(provider);
    settling.touch(provider);
  });
  work = ready.then(() => bringIn()).then(() => live?.rehearse());
  await work;
}
