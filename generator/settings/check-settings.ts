/**
 * Checks a value against one of the settings' schemas and turns what is wrong into findings that name the bad value, the
 * place and the remedy. All faults are reported at once, so that a maintainer corrects a file in one pass.
 */

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { pointerTokens } from '../load/json-pointer.js';
import { expressionFault, priceFaults } from '../price/price-faults.js';
import type { Place } from '../report/findings.js';
import { nearestName } from './nearest-name.js';
import { OPERATION_SCHEMA, OVERLAY_SCHEMA, PROVIDER_SCHEMA } from './settings-schema.js';
import type { OperationSettings, Settings } from './settings.js';
import type { ValuePath } from './yaml-source.js';

export interface Fault {
  readonly place: Place;
  readonly rule: string;
  readonly message: string;
  readonly remedy: string;
}

export type Locate = (path: ValuePath, part?: 'key' | 'value') => Place;

/** Where faults may point, and how the value is called in messages: `provider.yaml`, `x-tollgate`. */
export interface Checked {
  readonly name: string;
  readonly locate: Locate;
}

const ajv = new Ajv({ allErrors: true, discriminator: true, verbose: true, strictTypes: false, ownProperties: true });
const validateSettings = ajv.compile<Settings>(PROVIDER_SCHEMA);
const validateOperation = ajv.compile<OperationSettings>(OPERATION_SCHEMA);
const validateOverlay = ajv.compile(OVERLAY_SCHEMA);

/** The faults of a `provider.yaml` or of a root `x-tollgate`; none means that the value is `Settings`. */
export function settingsFaults(value: unknown, checked: Checked): readonly Fault[] {
  if (!validateSettings(value)) return shapeFaults(validateSettings, checked);
  const faults = chargeFaults(value.charge, ['charge'], checked);
  const prices: [ValuePath, Parameters<typeof priceFaults>[0] | undefined][] = [
    [['pricing', 'default'], value.pricing?.default],
    ...(value.pricing?.rules ?? []).map((rule, index): [ValuePath, typeof rule.price] => [
      ['pricing', 'rules', index, 'price'],
      rule.price,
    ]),
  ];
  for (const [path, price] of prices) {
    for (const fault of price === undefined ? [] : priceFaults(price)) {
      faults.push({ place: checked.locate([...path, fault.key]), rule: 'settings-value', ...fault });
    }
  }
  for (const [scheme, source] of Object.entries(value.credentials ?? {})) {
    if (isReserved(source.env)) {
      faults.push({
        place: checked.locate(['credentials', scheme, 'env']),
        rule: 'settings-value',
        message: `the variable ${source.env} is the gateway's own and is never sent to a provider`,
        remedy: 'name a variable that holds nothing but this credential',
      });
    }
  }
  for (const name of value.arguments?.hidden ?? []) {
    if (Object.hasOwn(value.arguments?.fixed ?? {}, name)) {
      faults.push({
        place: checked.locate(['arguments', 'hidden']),
        rule: 'settings-value',
        message: `the argument ${JSON.stringify(name)} is both fixed and hidden`,
        remedy: 'keep it under fixed alone: a fixed argument is hidden already',
      });
    }
  }
  return faults;
}

/** The faults of an operation's `x-tollgate`; none means that the value is `OperationSettings`. */
export function operationSettingsFaults(value: unknown, checked: Checked): readonly Fault[] {
  if (!validateOperation(value)) return shapeFaults(validateOperation, checked);
  const faults = chargeFaults(value.charge, ['charge'], checked);
  for (const fault of value.price === undefined ? [] : priceFaults(value.price)) {
    faults.push({ place: checked.locate(['price', fault.key]), rule: 'settings-value', ...fault });
  }
  return faults;
}

/** The faults of an overlay file's shape. */
export function overlayFaults(value: unknown, checked: Checked): readonly Fault[] {
  return validateOverlay(value) ? [] : shapeFaults(validateOverlay, checked);
}

/** The gateway reads these for itself; a document that named one as a credential would have it sent to its server. */
function isReserved(variable: string): boolean {
  const name = variable.toUpperCase();
  return name === 'DATABASE_URL' || (name.startsWith('TOLLGATE_') && !name.startsWith('TOLLGATE_CREDENTIAL_'));
}

function chargeFaults(charge: Settings['charge'], path: ValuePath, checked: Checked): Fault[] {
  if (charge?.void_if === undefined) return [];
  const unreadable = expressionFault(charge.void_if);
  if (unreadable === undefined) return [];
  return [
    {
      place: checked.locate([...path, 'void_if']),
      rule: 'settings-value',
      message: `void_if ${JSON.stringify(charge.void_if)} is not JMESPath: ${unreadable}`,
      remedy: 'write an expression over the answer\'s body, such as "errors[0]"',
    },
  ];
}

function shapeFaults(validate: ValidateFunction, checked: Checked): readonly Fault[] {
  const errors = validate.errors ?? [];
  // An alternative that fails reports each branch and then itself; the branches alone say nothing that helps.
  const alternatives = errors.filter((error) => error.keyword === 'anyOf').map((error) => error.schemaPath);
  return errors
    .filter((error) => !alternatives.some((path) => error.schemaPath.startsWith(`${path}/`)))
    .map((error) => shapeFault(error, checked));
}

function shapeFault(error: ErrorObject, { name, locate }: Checked): Fault {
  const path = pointerTokens(error.instancePath);
  const at = path.length === 0 ? name : `${name}: ${path.join('.')}`;
  const params = error.params as Record<string, unknown>;
  const fault = (rule: string, message: string, remedy: string, place = locate(path)): Fault => ({
    place,
    rule,
    message: `${at} ${message}`,
    remedy,
  });
  const value = shown(error.data);
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const meant = nearestName(key, known);
      return fault(
        'settings-key',
        `has an unknown key ${JSON.stringify(key)}`,
        meant === undefined ? `use one of: ${known.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`,
        locate([...path, key], 'key'),
      );
    }
    case 'required':
      return fault('settings-value', `lacks ${JSON.stringify(params.missingProperty)}`, 'add it');
    case 'discriminator':
      return fault(
        'settings-value',
        `has the model ${shown(params.tagValue)}`,
        'use "free", "per_call" or "per_unit"',
        locate([...path, 'model']),
      );
    case 'type':
      if (typeof error.data === 'number' && params.type === 'string') {
        return fault('settings-value', `is the number ${value}`, `write it in quotes: "${String(error.data)}"`);
      }
      return fault('settings-value', `is ${value}`, `write a value of type ${String(params.type)}`);
    case 'pattern':
      return fault('settings-value', `is ${value}`, patternRemedy(path));
    case 'anyOf':
      return fault('settings-value', `is ${value}`, patternRemedy(path));
    default:
      return fault('settings-value', `is ${value}`, `it ${error.message ?? 'does not fit the schema'}`);
  }
}

function patternRemedy(path: readonly string[]): string {
  const key = path.findLast((segment) => !/^\d+$/.test(segment)) ?? '';
  switch (key) {
    case 'amount':
    case 'min':
    case 'max':
      return 'write USDC as a non-negative decimal with at most six places, such as "0.001"';
    case 'categories':
      return 'write lower-case words joined by hyphens, such as developer-tools';
    case 'server':
      return 'write an absolute http or https URL without query, fragment or user, such as https://api.example.com/v1';
    case 'env':
      return 'write the name of an environment variable, such as GITHUB_TOKEN';
    case 'on':
      return 'write upstream statuses, such as 2xx or 201';
    case 'overlay':
      return 'write the version of the Overlay Specification: 1.0.0';
    case 'id':
      return 'write at most 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first';
    default:
      return 'write a string, or a list of strings';
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}
