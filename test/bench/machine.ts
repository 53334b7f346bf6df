/** The facts of the machine and of the run that a figure means nothing without. */

import { availableParallelism, cpus, totalmem } from 'node:os';

import { tollgateCommand } from './tollgate-command.js';

export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  /** How the gateway was run. */
  readonly gateway: string;
}

export function machine(): Machine {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    gateway: tollgateCommand().told,
  };
}
