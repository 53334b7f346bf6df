/**
 * The seven tools, and the one way to run them: input is checked against the tool's schema, and whatever goes wrong
 * comes back as a structured error. A bug is an error too, but one that tells the caller nothing of the inside.
 */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

import { BugInCall } from '../call/bug-in-call.js';
import { schemaProblem, takenErrors } from '../catalogue/schema-problem.js';
import { GatewayError } from '../gateway-error.js';
import { formatUsdc } from '../ledger/micro-usdc.js';
import { inputRemedy } from './input-remedy.js';
import type { JsonObject, Tool, ToolAnswer, ToolContext } from './tool.js';
import { browseApis } from './tools/browse-apis.js';
import { callApi } from './tools/call-api.js';
import { checkBalance } from './tools/check-balance.js';
import { describeEndpoint } from './tools/describe-endpoint.js';
import { getPricing } from './tools/get-pricing.js';
import { getUsage } from './tools/get-usage.js';
import { rateSeller } from './tools/rate-seller.js';

export const TOOLS: readonly Tool[] = [
  browseApis,
  describeEndpoint,
  getPricing,
  checkBalance,
  callApi,
  getUsage,
  rateSeller,
];

const ajv = new Ajv2020({ strict: true, strictTypes: false, verbose: true });
const byName = new Map(TOOLS.map((tool) => [tool.name, tool]));
const validators = new Map<Tool, ValidateFunction>();

export type ToolOutcome =
  { readonly ok: true; readonly answer: ToolAnswer } | { readonly ok: false; readonly error: GatewayError };

/**
 * Runs a tool by name. Never rejects.
 * @param onBug is handed whatever was thrown that is no GatewayError.
 */
export async function runTool(
  name: string,
  input: JsonObject,
  context: ToolContext,
  onBug: (error: unknown) => void,
): Promise<ToolOutcome> {
  try {
    const tool = byName.get(name);
    if (tool === undefined) {
      const remedy = `the tools are ${TOOLS.map((tool) => tool.name).join(', ')}`;
      throw new GatewayError('TOOL_NOT_FOUND', `there is no tool "${name.slice(0, 80)}"`, remedy);
    }
    const validate = validatorOf(tool);
    if (!validate(input)) throw invalidInput(tool, validate);
    return { ok: true, answer: await tool.run(input, context) };
  } catch (error) {
    if (error instanceof GatewayError) return { ok: false, error };
    onBug(error);
    return { ok: false, error: internalError(error) };
  }
}

/** What a caller is told of a bug: nothing of the inside, but what it cost. */
export function internalError(cause: unknown): GatewayError {
  const message = 'the gateway failed at this request';
  if (!(cause instanceof BugInCall)) {
    const remedy = 'not charged beyond what check_balance shows; tell the operator, whose log has the cause';
    return new GatewayError('INTERNAL', message, remedy, { cause });
  }
  const { callId, chargedMicroUsdc } = cause;
  const remedy =
    'do not call again before you have asked get_usage for this request_id: it says what became of the call, free; and ' +
    'tell the operator, whose log has the cause';
  const charged = chargedMicroUsdc === undefined ? null : formatUsdc(chargedMicroUsdc);
  return new GatewayError('INTERNAL', message, remedy, { details: { request_id: callId }, charged, cause });
}

/** Compiled at the tool's first use: all seven at the start would hold it up. */
function validatorOf(tool: Tool): ValidateFunction {
  let validate = validators.get(tool);
  if (validate === undefined) validators.set(tool, (validate = ajv.compile(tool.inputSchema)));
  return validate;
}

function invalidInput(tool: Tool, validate: ValidateFunction): GatewayError {
  const error = takenErrors(validate)[0]!;
  const { pointer, message } = schemaProblem(error, tool.name);
  const remedy = inputRemedy(error) ?? remedyOfNames(tool, error);
  return new GatewayError('INVALID_REQUEST', `${tool.name}: ${pointer || 'the input'} ${message}`, remedy);
}

/** What to do about an argument that is missing, or that the tool does not have. */
function remedyOfNames(tool: Tool, { keyword }: ErrorObject): string {
  const names = Object.keys(tool.inputSchema.properties as object).join(', ');
  const inside = tool.name === 'call_api' && keyword === 'additionalProperties';
  return `${tool.name} takes ${names === '' ? 'no arguments' : names}${inside ? '; the endpoint\'s own arguments go inside "arguments"' : ''}`;
}
