import assert from 'node:assert/strict';

import { InvalidArgumentError } from 'commander';

import { clientLines } from '../../runtime/cli/client-lines.js';
import {
  address,
  duration,
  gatewayUrl,
  instant,
  name as nameOf,
  port,
  providerIds,
  overlapTime,
  retirement,
  usdc,
} from '../../runtime/cli/options.js';
import { table } from '../../runtime/cli/output.js';

describe('the values of options', () => {
  const GOOD: readonly (readonly [name: string, read: (text: string) => unknown, text: string, want: unknown])[] = [
    ['an amount', usdc, '0.05', 50_000n],
    ['a whole amount', usdc, '10', 10_000_000n],
    ['the largest amount', usdc, '1000000000', 1_000_000_000_000_000n],
    ['an address', address, `0x${'aB'.repeat(20)}`, `0x${'aB'.repeat(20)}`],
    ['a name', nameOf, 'Ada', 'Ada'],
    ['a gateway', gatewayUrl, 'http://127.0.0.1:8402', 'http://127.0.0.1:8402'],
    ['a gateway, by the url of its MCP server', gatewayUrl, 'https://a.example/mcp/', 'https://a.example'],
    ['days', duration, '30d', 2_592_000_000],
    ['hours', duration, '12h', 43_200_000],
    ['minutes', duration, '45m', 2_700_000],
    ['the end of a key', retirement, '15m', 900_000],
    ['an overlap of two keys', overlapTime, '2m', 120_000],
    ['a date, from its first moment', instant, '2026-03-09', 1_773_014_400],
    ['a time', instant, '2026-03-09T12:00:00Z', 1_773_057_600],
    ['a time as programs write it', instant, '2026-03-09T12:00:00.000Z', 1_773_057_600],
    ['a time of another zone', instant, '2026-03-09T13:00+01:00', 1_773_057_600],
    ['a provider', providerIds, 'github', ['github']],
    ['providers with spaces', providerIds, 'github, open-meteo', ['github', 'open-meteo']],
    ['a port', port, '8402', '8402'],
    ['any port', port, '0', '0'],
  ];
  for (const [name, read, text, want] of GOOD) {
    it(`read ${name}`, () => {
      assert.deepEqual(read(text), want);
    });
  }

  const BAD: readonly (readonly [read: (text: string) => unknown, text: string, message: RegExp])[] = [
    [usdc, '0', /^the amount must be above zero$/],
    [usdc, '-1', /^"-1" is not an amount of USDC: /],
    [usdc, '1e3', /^"1e3" is not an amount of USDC: /],
    [usdc, '1000000000.000001', /^"1000000000.000001" is more than 1000000000 USDC: /],
    [usdc, '99999999999999999999', /^"99999999999999999999" is more than 1000000000 USDC: write at most that$/],
    [usdc, '99999999999999999999.5', /is more than 1000000000 USDC/],
    [nameOf, '', /^a name has to have something in it$/],
    [nameOf, ' ', /^a name has to have something in it$/],
    [address, 'foo', /^an address is 0x and 40 hex digits$/],
    [address, `0x${'1'.repeat(41)}`, /^an address is 0x/],
    [address, `0X${'1'.repeat(40)}`, /^an address is 0x/],
    [gatewayUrl, 'nonsense', /^write it like http:\/\/127\.0\.0\.1:8402$/],
    [gatewayUrl, 'localhost:8402', /^write it like http:/],
    [usdc, '0.0000001', /at most six places, like "0.0015"$/],
    [duration, '0d', /^write it like 30d, 12h or 45m$/],
    [duration, '30', /^write it like 30d/],
    [duration, '3y', /^write it like 30d/],
    [retirement, '14m', /^write at least 15m: a call that is under way may be captured minutes from now$/],
    [retirement, 'now', /^write it like 30d/],
    [overlapTime, '1m', /^write at least 2m: a gateway takes the new key within ten seconds/],
    [instant, 'yesterday', /^write it like 2026-11-01/],
    [instant, '2026-02-30T25:00Z', /^write it like 2026-11-01/],
    [instant, '2026-02-30', /^write it like 2026-11-01/],
    [instant, '2026-11-31T00:00:00Z', /^write it like 2026-11-01/],
    [instant, '2026-03-09T12:00:00', /^write it like 2026-11-01/],
    [instant, '2026-03-09T12:00:00.500Z', /^write it like 2026-11-01/],
    [instant, '1969-12-31', /^write it like 2026-11-01/],
    [providerIds, 'GitHub', /^"GitHub" is no provider's id; write them like github,nasa$/],
    [providerIds, 'a'.repeat(65), /^"a{65}" is no provider's id/],
    [providerIds, 'github,', /^"" is no provider's id/],
    [port, '65536', /^a port is a number from 0 to 65535$/],
    [port, 'http', /^a port is a number from 0 to 65535$/],
  ];
  for (const [read, text, message] of BAD) {
    it(`refuse "${text}" for ${read.name} as wrong usage`, () => {
      assert.throws(
        () => read(text),
        (error: unknown) => error instanceof InvalidArgumentError && message.test(error.message),
      );
    });
  }
});

describe('the lines for clients', () => {
  const lines = clientLines('http://127.0.0.1:8402/mcp', 'tg_live_x');
  const after = (heading: string) => lines[lines.findIndex((line) => line.startsWith(heading)) + 1]!.trim();

  it('are a command for Claude Code', () => {
    assert.equal(
      after('Claude Code'),
      'claude mcp add --transport http tollgate http://127.0.0.1:8402/mcp --header "Authorization: Bearer tg_live_x"',
    );
  });

  const remote = { url: 'http://127.0.0.1:8402/mcp', headers: { Authorization: 'Bearer tg_live_x' } };
  const FILES: readonly (readonly [client: string, want: unknown])[] = [
    [
      'Claude Desktop',
      {
        mcpServers: {
          tollgate: {
            command: 'npx',
            args: ['-y', 'mcp-remote', remote.url, '--header', 'Authorization:${TOLLGATE_AUTHORIZATION}'],
            env: { TOLLGATE_AUTHORIZATION: 'Bearer tg_live_x' },
          },
        },
      },
    ],
    ['Cursor', { mcpServers: { tollgate: remote } }],
    ['VS Code', { servers: { tollgate: { type: 'http', ...remote } } }],
  ];
  for (const [client, want] of FILES) {
    it(`are JSON for ${client}`, () => {
      assert.deepEqual(JSON.parse(after(client)), want);
    });
  }
});

describe('a table', () => {
  it('aligns its columns and ends lines without spaces', () => {
    assert.deepEqual(
      table(
        ['id', 'name'],
        [
          ['long-id', 'x'],
          ['y', ''],
        ],
      ),
      ['id       name', 'long-id  x', 'y'],
    );
  });

  it('is its headings where there are no rows', () => {
    assert.deepEqual(table(['id', 'name'], []), ['id  name']);
  });
});
