import type { ErrorObject } from 'ajv/dist/2020.js';

/**
 * How to write a tool's argument that is there but wrong; undefined if it is missing or unknown.
 * @param error Ajv's, with the value (`verbose`). The schemas are the tools' own.
 */
export function inputRemedy({ keyword, data, params, parentSchema }: ErrorObject): string | undefined {
  switch (keyword) {
    case 'type':
      return remedyOfType(params.type as string, data, parentSchema as NumberSchema);
    case 'minimum':
    case 'maximum':
      return remedyOfNumber(parentSchema as NumberSchema);
    case 'enum':
      return 'send one of those, or leave it out';
    case 'minLength':
      return `send at least ${String(params.limit)} character, or leave it out`;
    case 'maxLength':
      return `send at most ${String(params.limit)} characters`;
    default:
      return undefined;
  }
}

interface NumberSchema {
  readonly minimum?: number;
  readonly maximum?: number;
}

function remedyOfType(type: string, data: unknown, schema: NumberSchema): string {
  switch (type) {
    case 'string':
      // Money is written so too, and models like to send a number.
      return typeof data === 'number' ? `write it as a text: "${String(data)}"` : 'send a text';
    case 'boolean':
      return 'send true or false, without quotes';
    case 'integer':
      return typeof data === 'string' && /^\d{1,9}$/.test(data)
        ? `write it as a number, without quotes: ${Number(data)}`
        : remedyOfNumber(schema);
    case 'object':
      return typeof data === 'string'
        ? 'send an object itself, such as {"name": "value"}, not its JSON as a text'
        : 'send an object, such as {"name": "value"}';
    default:
      return `send ${type}`;
  }
}

function remedyOfNumber({ minimum, maximum }: NumberSchema): string {
  return `send a whole number from ${String(minimum)} to ${String(maximum)}`;
}
