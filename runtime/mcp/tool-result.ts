import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

import { jsonText } from '../exact-numbers.js';
import { RenderedResult } from './rendered-result.js';
import type { ToolBytes } from './tool.js';
import type { ToolOutcome } from './toolbox.js';

/** A tool's outcome as MCP has it: structured, the same as text, and bytes as content of their own. */
export function toolResult(outcome: ToolOutcome): RenderedResult {
  const structured = jsonText(outcome.ok ? outcome.answer.structured : outcome.error.toBody());
  const bytes = outcome.ok ? outcome.answer.bytes : undefined;
  const text = `{"type":"text","text":${JSON.stringify(structured)}}`;
  const content = bytes === undefined ? text : `${text},${JSON.stringify(toContent(bytes))}`;
  const isError = outcome.ok ? '' : ',"isError":true';
  return new RenderedResult(`{"content":[${content}],"structuredContent":${structured}${isError}}`);
}

function toContent({ kind, mimeType, data, name }: ToolBytes): CallToolResult['content'][number] {
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  if (kind === 'binary') {
    return { type: 'resource', resource: { uri: `tollgate://answers/${name}`, mimeType, blob: base64 } };
  }
  return { type: kind, data: base64, mimeType };
}
