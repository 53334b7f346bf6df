/** The parts of a call that are timed, and traced where tracing is on. */
export type Stage = 'authenticate' | 'hold' | 'upstream' | 'settle';

/** Runs a part of a call and observes it. What it answers and throws is the work's. */
export type RunStage = <Result>(stage: Stage, work: () => Promise<Result>) => Promise<Result>;

/** @param observe told of each part's milliseconds, however it ended. */
export function timedStages(observe: (stage: Stage, milliseconds: number) => void): RunStage {
  return async (stage, work) => {
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      observe(stage, performance.now() - startMs);
    }
  };
}
