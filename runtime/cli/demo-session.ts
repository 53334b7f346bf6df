/**
 * The session that the demo plays. It knows of the gateway only what any agent would: its URL and an API key.
 */

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { formatUsdc, parseUsdc } from '../ledger/micro-usdc.js';
import { VERSION } from '../package-root.js';
import type { PublishedKey } from '../receipt/published-keys.js';
import type { Receipt } from '../receipt/receipt.js';
import { verifyReceipt } from '../receipt/verify-receipt.js';

type Answer = Record<string, unknown>;

/** Something that the demo promises did not hold. */
class NotHeld extends Error {}

/** Plays the session and tells it on standard output. Resolves with whether all of it held. */
export async function playSession(url: string, apiKey: string, runId: string): Promise<boolean> {
  const client = new Client({ name: 'tollgate-demo', version: VERSION });
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { Authorization: `Bearer ${apiKey}` } },
  });
  try {
    console.log(`An agent connects to ${url}/mcp`);
    await connect(client, transport, url);
    await session(client, url, runId);
    return true;
  } catch (error) {
    console.log(`  ✗ ${(error as Error).message}`);
    if (!(error instanceof NotHeld)) console.error(error);
    return false;
  } finally {
    await client.close();
  }
}

/** Whoever names a gateway may name the wrong one, which is no bug to trace. */
async function connect(client: Client, transport: StreamableHTTPClientTransport, url: string): Promise<void> {
  try {
    await client.connect(transport);
  } catch (error) {
    const { message, cause } = error as Error;
    const { code, message: detail = message } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
    const reason = code ?? beginning(detail, 300);
    throw new NotHeld(
      `it cannot connect to ${url}/mcp (${reason}): a gateway has to run there, and the key be one of it`,
    );
  }
}

async function session(client: Client, url: string, runId: string): Promise<void> {
  const ask = async (name: string, args: Answer): Promise<{ answer: Answer; isError: boolean }> => {
    const result = await client.callTool({ name, arguments: args });
    return { answer: result.structuredContent as Answer, isError: result.isError === true };
  };
  const answered = async (name: string, args: Answer): Promise<Answer> => {
    const { answer, isError } = await ask(name, args);
    hold(!isError, `${name} answers`, String(answer.message));
    return answer;
  };
  const refused = async (name: string, args: Answer, code: string): Promise<Answer> => {
    const { answer, isError } = await ask(name, args);
    hold(isError && answer.code === code, `it is refused with ${code}`, beginning(JSON.stringify(answer), 300));
    say(String(answer.message));
    return answer;
  };
  const available = async (): Promise<bigint> => parseUsdc((await answered('check_balance', {})).available as string);

  step('What can it do here?');
  const { tools } = await client.listTools();
  say(tools.map((tool) => tool.name).join(', '));
  hold(tools.length === 7, 'seven tools, however many endpoints there are');

  step('It needs the weather in a city: browse');
  const found = (await answered('browse_apis', { query: 'current weather in a city', provider: 'sandbox' })) as {
    total: number;
    items: { endpoint: string; summary: string; price: { max_charge: string } }[];
  };
  for (const item of found.items.slice(0, 3)) say(`${item.endpoint}  ${item.price.max_charge} USDC  ${item.summary}`);
  const endpoint = 'sandbox/get-weather';
  hold(
    found.items.some((item) => item.endpoint === endpoint),
    `${endpoint} is among the first`,
  );

  step('Describe it');
  const described = await answered('describe_endpoint', { endpoint });
  say(`arguments: ${JSON.stringify(Object.keys((described.arguments as { properties: object }).properties))}`);
  say(String(described.charged_when));
  const args = described.example as Answer;
  say(`example: ${JSON.stringify(args)}`);

  step('Quote exactly this call');
  const pricing = (await answered('get_pricing', { endpoint, arguments: args })) as {
    quote: { quote_id: string; max_charge: string; expires_at: string };
  };
  say(`at most ${pricing.quote.max_charge} USDC until ${pricing.quote.expires_at}`);

  step('Call it, with an idempotency key');
  const before = await available();
  const call = { endpoint, arguments: args, quote_id: pricing.quote.quote_id, idempotency_key: `${runId}-weather` };
  const paid = await answered('call_api', call);
  say(`body: ${beginning(JSON.stringify(paid.body), 160)}`);
  say(`charged ${String(paid.charged)} USDC, balance ${String(paid.balance)}, request ${String(paid.request_id)}`);
  hold(paid.charged === pricing.quote.max_charge, 'the charge is what was quoted');

  step('Verify the receipt offline, with the published key');
  const receipt = paid.receipt as Receipt;
  const { keys } = (await (await fetch(`${url}/.well-known/tollgate-receipt-keys.json`)).json()) as {
    keys: readonly PublishedKey[];
  };
  const verdict = verifyReceipt(receipt, { signers: keys }, { endpoint, arguments: args });
  say(`number ${receipt.message.number} of ${receipt.message.account}, signed by ${receipt.signer}`);
  hold(verdict.valid, 'the signature is good, and it is for these arguments');
  const forged = { ...receipt, message: { ...receipt.message, amountMicroUsdc: '1' } };
  hold(!verifyReceipt(forged, { signers: keys }).valid, 'with another amount in it, it does not verify');

  step('The balance went down by just that');
  const after = await available();
  say(`${formatUsdc(before)} − ${String(paid.charged)} = ${formatUsdc(after)}`);
  hold(before - after === parseUsdc(paid.charged as string), 'to the micro-USDC');

  step('The answer was lost? Retry with the same key');
  const again = await answered('call_api', { ...call, quote_id: undefined });
  hold(again.replayed === true && again.request_id === paid.request_id, 'the first answer comes again');
  hold(JSON.stringify(again.body) === JSON.stringify(paid.body), 'byte for byte');
  hold((await available()) === after, 'and it is not charged again');

  step('An upstream that fails');
  const failed = await refused(
    'call_api',
    { endpoint: 'sandbox/fail', arguments: { mode: 'status_500' } },
    'UPSTREAM_ERROR',
  );
  hold(failed.charged === '0.000000' && failed.status === 500, 'its status is passed on');
  hold((await available()) === after, 'and it is not charged');

  step('A call that is dearer than the agent wants');
  await refused('call_api', { endpoint, arguments: args, max_price: '0.000001' }, 'MAX_PRICE_EXCEEDED');
  hold((await available()) === after, 'nothing was sent or charged');

  step('Usage, and a rating for the seller');
  const usage = (await answered('get_usage', { group_by: 'endpoint' })) as {
    rows: { endpoint: string; calls: number; failures: number; charged: string }[];
  };
  for (const row of usage.rows) say(`${row.endpoint}: ${row.calls} calls, ${row.failures} failed, ${row.charged} USDC`);
  const rated = (await answered('rate_seller', {
    request_id: paid.request_id,
    stars: 5,
    comment: 'just what I needed',
  })) as {
    seller: string;
    rating: { average: number; count: number };
  };
  say(`${rated.seller} now has ${rated.rating.average} stars of ${rated.rating.count}`);
  hold(rated.rating.count >= 1, 'the rating counts');
}

function step(title: string): void {
  console.log(`\n${title}`);
}

function beginning(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

function say(line: string): void {
  console.log(`    ${line}`);
}

function hold(condition: boolean, promise: string, otherwise = ''): void {
  if (!condition) throw new NotHeld(`${promise}: it did not hold ${otherwise}`);
  console.log(`  ✓ ${promise}`);
}
