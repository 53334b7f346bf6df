import { GatewayError } from '../gateway-error.js';
import { escapeToken } from '../json-pointer.js';

/** The refusal of one argument's value, with a JSON pointer to it. Nothing was held or sent when it is thrown. */
export function invalidArgument(argument: string, fault: string, remedy: string): GatewayError {
  const pointer = `/${escapeToken(argument)}`;
  return new GatewayError('INVALID_ARGUMENTS', `argument ${JSON.stringify(argument)} ${fault}`, remedy, {
    details: { problems: [{ pointer, message: fault }] },
  });
}
