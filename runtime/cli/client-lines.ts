/** What to paste into an MCP client to connect it to this gateway. */

export function clientLines(mcpUrl: string, apiKey: string): readonly string[] {
  const authorization = `Bearer ${apiKey}`;
  const remote = { url: mcpUrl, headers: { Authorization: authorization } };
  const bridge = {
    command: 'npx',
    args: ['-y', 'mcp-remote', mcpUrl, '--header', 'Authorization:${TOLLGATE_AUTHORIZATION}'],
    env: { TOLLGATE_AUTHORIZATION: authorization },
  };
  return [
    'Claude Code (run):',
    `  claude mcp add --transport http tollgate ${mcpUrl} --header "Authorization: ${authorization}"`,
    '',
    'Claude Desktop (claude_desktop_config.json):',
    `  ${JSON.stringify({ mcpServers: { tollgate: bridge } })}`,
    '',
    'Cursor (.cursor/mcp.json):',
    `  ${JSON.stringify({ mcpServers: { tollgate: remote } })}`,
    '',
    'VS Code (.vscode/mcp.json):',
    `  ${JSON.stringify({ servers: { tollgate: { type: 'http', ...remote } } })}`,
  ];
}
