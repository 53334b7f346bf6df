/**
 * How many clients may be connected, where the process may open only so many files: each connection is one, and with none
 * left over there is neither an upstream nor a file that it could be answered from.
 */

import { readFileSync } from 'node:fs';

export interface ClientPlaces {
  readonly maxConnections: number;
  /** What the operator should be told where that is less than was set; a line. */
  readonly warning?: string;
}

/** @param openFiles that the process may have at a time; undefined where that is not known. */
export function clientPlaces(wanted: number, openFiles: number | undefined): ClientPlaces {
  const half = Math.max(1, Math.floor((openFiles ?? Infinity) / 2));
  if (wanted <= half) return { maxConnections: wanted };
  return {
    maxConnections: half,
    warning:
      `this process may open ${openFiles} files at a time, and so takes ${half} connections of clients, not ${wanted}: ` +
      `let it open ${2 * wanted} (ulimit -Hn), or set TOLLGATE_MAX_CONNECTIONS to ${half}`,
  };
}

/** What the process may open: Node raises that to the most that it is allowed. Undefined beside Linux. */
export function mostOpenFiles(): number | undefined {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return most === undefined ? undefined : Number(most);
  } catch {
    return undefined;
  }
}
