/** What the server says of itself and of its tools. It is the same for all clients, and in each revision of MCP. */

import { VERSION } from '../package-root.js';
import { RenderedResult } from './rendered-result.js';
import { TOOLS } from './toolbox.js';

export const SERVER_INFO = { name: 'tollgate', title: 'Tollgate', version: VERSION };

export const CAPABILITIES = { tools: {} };

export const INSTRUCTIONS =
  'Tollgate gives you many priced APIs through seven tools, paid from one prepaid USDC balance. browse_apis finds an ' +
  'endpoint, describe_endpoint shows its arguments and price, call_api calls it and returns a receipt. Browsing, ' +
  'describing and pricing are free and need no API key.';

export const LISTED = new RenderedResult(
  JSON.stringify({
    tools: TOOLS.map(({ name, title, description, inputSchema, outputSchema, annotations }) => ({
      name,
      title,
      description,
      inputSchema,
      outputSchema,
      annotations,
    })),
  }),
);
