/**
 * Checks a value against one of the settings' schemas and turns what is wrong into findings that name the bad value, the
 * place and the remedy. All faults are reported at once, so that a maintainer corrects a file in one pass.
 */

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { pointerTokens } from '../load/json-pointer.js';
import { show } from '../normalize/clean-text.js';
import { amountRemedy } from '../price/amount-remedy.js';
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

interface Overlay {
  readonly overlay: string;
  readonly actions: readonly { readonly update?: unknown; readonly copy?: string }[];
}

/** Where faults may point, and how the value is called in messages: `provider.yaml`, `x-tollgate`. */
export interface Checked {
  readonly name: string;
  readonly locate: Locate;
}

const ajv = new Ajv({ allErrors: true, discriminator: true, verbose: true, strictTypes: false, ownProperties: true });
const validateSettings = ajv.compile<Settings>(PROVIDER_SCHEMA);
const validateOperation = ajv.compile<OperationSettings>(OPERATION_SCHEMA);
const validateOverlay = ajv.compile<Overlay>(OVERLAY_SCHEMA);

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

/** The faults of an overlay file; what its actions do to a document shows when they are applied. */
export function overlayFaults(value: unknown, checked: Checked): readonly Fault[] {
  if (!validateOverlay(value)) return shapeFaults(validateOverlay, checked);
  const isOld = value.overlay.startsWith('1.0.');
  const faults: Fault[] = [];
  for (const [index, { update, copy }] of value.actions.entries()) {
    if (copy === undefined) continue;
    const place = checked.locate(['actions', index, 'copy'], 'key');
    const at = `${checked.name}: actions.${String(index)}`;
    if (isOld) {
      const message = `${at} has "copy", which overlay ${value.overlay} does not have`;
      faults.push({ place, rule: 'settings-value', message, remedy: 'write overlay: 1.1.0' });
    }
    if (update !== undefined) {
      const message = `${at} has both "update" and "copy"`;
      faults.push({ place, rule: 'settings-value', message, remedy: 'write two actions' });
    }
  }
  return faults;
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
  const causes = errors.filter((error) => !alternatives.some((path) => error.schemaPath.startsWith(`${path}/`)));
  // What is of another type need not be told that it is too small as well.
  const misplaced = new Set(causes.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  return causes
    .filter(({ keyword, instancePath }) => keyword === 'type' || !misplaced.has(instancePath))
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
  const key = path.findLast((segment) => !/^\d+$/.test(segment)) ?? '';
  // Whoever writes a credential where its variable's name belongs does not want to read it in a report.
  const value =
    path[0] !== 'credentials'
      ? show(error.data)
      : path.length < 3 || key === 'env'
        ? 'not the name of a variable'
        : 'not usable';
  switch (error.keyword) {
    case 'additionalProperties': {
      const unknown = String(params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const meant = nearestName(unknown, known);
      return fault(
        'settings-key',
        `has an unknown key ${JSON.stringify(unknown)}`,
        meant === undefined ? `use one of: ${known.join(', ')}` : `did you mean ${JSON.stringify(meant)}?`,
        locate([...path, unknown], 'key'),
      );
    }
    case 'required': {
      const missing = String(params.missingProperty);
      return fault('settings-value', `lacks ${JSON.stringify(missing)}`, MISSING[missing] ?? 'add it');
    }
    case 'discriminator': {
      const { tagValue } = params;
      const isMissing = tagValue === undefined;
      return fault(
        'settings-value',
        isMissing ? 'lacks "model"' : `has the model ${show(tagValue)}`,
        'use "free", "per_call" or "per_unit"',
        isMissing ? locate(path) : locate([...path, 'model']),
      );
    }
    case 'minProperties':
      return fault('settings-value', 'names no condition', 'name an operationId, tag, method or path');
    case 'minItems':
      return fault('settings-value', 'is an empty list', 'write at least one, or delete the key');
    case 'minLength':
      return fault('settings-value', 'is empty', 'write a text, or delete the key');
    case 'maxLength':
      return fault('settings-value', 'is too long', `write at most ${String(params.limit)} characters`);
    case 'maxItems':
      return fault('settings-value', 'has too many entries', `write at most ${String(params.limit)}`);
    case 'minimum':
      return fault('settings-value', `is ${value}`, `write a number of at least ${String(params.limit)}`);
    case 'maximum':
      return fault('settings-value', `is ${value}`, `write a number of at most ${String(params.limit)}`);
    case 'type': {
      const isNumber = typeof error.data === 'number' && params.type === 'string';
      return fault(
        'settings-value',
        isNumber ? `is the number ${value}` : `is ${value}`,
        AMOUNTS.has(key) || (path[0] === 'credentials' && path.length < 3)
          ? valueRemedy(path, key, error.data)
          : isNumber
            ? `write it in quotes: "${String(error.data)}"`
            : `write ${TYPES[String(params.type)] ?? String(params.type)}`,
      );
    }
    default:
      return fault('settings-value', `is ${value}`, valueRemedy(path, key, error.data));
  }
}

const AMOUNTS: ReadonlySet<string> = new Set(['amount', 'min', 'max']);

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys and values',
};

const MISSING: Readonly<Record<string, string>> = {
  max: 'add the most that one call can cost: it is what is held for a call',
  per: 'add for how many units the amount is: 1, or 1000000',
  unit: 'add what is counted, such as token',
  meter: 'add a JMESPath to the number of units in the answer, such as "usage.total_tokens"',
  amount: 'add an amount of USDC, such as "0.001"',
  env: 'add the name of an environment variable, such as GITHUB_TOKEN',
  overlay: 'add the version of the Overlay Specification: 1.0.0',
  target: 'add a JSONPath, such as $.paths["/pets"].get',
};

/** What may stand at a key, for faults that the schema itself cannot put into words. */
function valueRemedy(path: readonly string[], key: string, value: unknown): string {
  if (AMOUNTS.has(key)) return amountRemedy(value);
  if (path[0] === 'credentials') {
    if (path.length >= 3 && key !== 'env') return SOURCE_REMEDIES[key] ?? 'write a text';
    return path.length === 3
      ? 'write the name of an environment variable, such as GITHUB_TOKEN; the secret itself stands in no file'
      : 'write the name of an environment variable: { env: GITHUB_TOKEN }; the secret itself stands in no file';
  }
  switch (key) {
    case 'categories':
      return 'write lower-case words joined by hyphens, such as developer-tools';
    case 'server':
      return 'write an absolute http or https URL without query, fragment or user, such as https://api.example.com/v1';
    case 'documentation':
      return 'write an http or https URL, such as https://docs.example.com';
    case 'on':
      return 'write upstream statuses, such as 2xx or 201';
    case 'overlay':
      return 'write the version of the Overlay Specification: 1.0.0 or 1.1.0';
    case 'id':
      return 'write at most 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first';
    default:
      return 'write a text, or a list of texts';
  }
}

/** For what may stand beside the name of a credential's variable. */
const SOURCE_REMEDIES: Readonly<Record<string, string>> = {
  scopes: 'write a list of scopes, such as [read, write]',
  region: 'write an AWS region, such as eu-west-1',
  service: 'write the name that AWS signs for the service, such as execute-api',
};
