import type { CallOutcome } from '../gateway.js';
import type { ToolAnswer } from './tool.js';

/** A call's outcome as a tool answers it. Bytes are named by the request, and by their range where they are a part. */
export function callAnswer({ answer, bytes }: CallOutcome): ToolAnswer {
  const structured = answer as Readonly<Record<keyof typeof answer, unknown>>;
  if (bytes === undefined || !('request_id' in answer)) return { structured };
  const { request_id: requestId, body_range: range } = answer;
  const name = range === undefined ? requestId : `${requestId}?range=${range}`;
  return { structured, bytes: { ...bytes, name } };
}
