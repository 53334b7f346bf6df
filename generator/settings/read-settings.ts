/**
 * Brings together what is said of a provider in `provider.yaml`, in the document's root `x-tollgate`, and on single
 * operations. `provider.yaml` wins over the root extension, top-level key by top-level key.
 */

import { toPointer } from '../load/json-pointer.js';
import { shownDigits } from '../load/rounded-numbers.js';
import type { NormalizedDocument, NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings, Place } from '../report/findings.js';
import { operationSettingsFaults, settingsFaults, type Fault } from './check-settings.js';
import type { OperationSettings, Settings } from './settings.js';
import { readYaml, type ValuePath, type YamlSource } from './yaml-source.js';

/** Settings, and where in the files each of them was said. */
export interface LocatedSettings {
  readonly settings: Settings;
  readonly locate: (path: ValuePath) => Place;
}

/** Parses and checks a provider.yaml. Faults go to `findings.refused`; a syntax error is thrown as a SpecError. */
export function readProviderFile(
  file: string,
  text: string,
  provider: string,
  findings: Findings,
): YamlSource | undefined {
  const source = readYaml(file, text);
  // An empty file, or one of comments alone, says nothing and is in order.
  if (source.value === null || source.value === undefined) return undefined;
  const faults = [
    ...settingsFaults(source.value, { name: 'provider.yaml', locate: source.locate }),
    ...source.rounded().map(({ digits, place }) => roundedFault(digits, place)),
  ];
  refuse(faults, provider, findings);
  return faults.length === 0 ? source : undefined;
}

/**
 * Merges the root `x-tollgate` with a checked provider.yaml, which wins; what is without effect for that is a warning. A
 * document that names the environment variable of a credential is refused unless provider.yaml names them itself:
 * documents come from elsewhere, and the variable's value would be sent to its server.
 */
export function mergeSettings(
  document: NormalizedDocument,
  providerFile: YamlSource | undefined,
  place: (pointer: string) => Place,
  provider: string,
  findings: Findings,
): LocatedSettings {
  const locateExtension = (path: ValuePath): Place => place(`/x-tollgate${toPointer(path)}`);
  let extension: Settings = {};
  if (document.extension !== undefined) {
    const faults = settingsFaults(document.extension, { name: 'x-tollgate', locate: locateExtension });
    refuse(faults, provider, findings);
    if (faults.length === 0) extension = document.extension as Settings;
  }
  const own = (providerFile?.value ?? {}) as Settings;
  const settings: Settings = { ...extension, ...own };
  for (const key of Object.keys(extension).filter((each) => each !== 'credentials' && Object.hasOwn(own, each))) {
    findings.warnings.push({
      ...locateExtension([key]),
      provider,
      rule: 'settings-shadowed',
      message: `the document's x-tollgate says ${JSON.stringify(key)}, and provider.yaml says it in its place`,
      remedy: 'none is needed where that is meant; else copy what should hold into provider.yaml',
    });
  }
  if (extension.credentials !== undefined && own.credentials === undefined) {
    findings.refused.push({
      ...locateExtension(['credentials']),
      provider,
      rule: 'credentials-from-document',
      message: `the document itself names environment variables as credentials: ${Object.values(extension.credentials)
        .map((source) => source.env)
        .join(', ')}`,
      remedy: 'where they are meant for its server, name them in provider.yaml under credentials; else remove them',
    });
  }
  return {
    settings,
    locate: (path) =>
      providerFile !== undefined && path[0] !== undefined && Object.hasOwn(own, path[0])
        ? providerFile.locate(path)
        : locateExtension(path),
  };
}

/**
 * The checked `x-tollgate` of each operation that has one, by JSON pointer of the operation, which outlives the stages
 * that copy operations. Faults go to `findings.refused`.
 */
export function readOperationSettings(
  operations: readonly NormalizedOperation[],
  place: (pointer: string) => Place,
  provider: string,
  findings: Findings,
): ReadonlyMap<string, OperationSettings> {
  const settings = new Map<string, OperationSettings>();
  for (const operation of operations) {
    if (operation.extension === undefined || settings.has(operation.pointer)) continue;
    const faults = operationSettingsFaults(operation.extension, {
      name: `x-tollgate of ${operation.operation}`,
      locate: (path) => place(`${operation.pointer}/x-tollgate${toPointer(path)}`),
    });
    refuse(faults, provider, findings);
    if (faults.length === 0) settings.set(operation.pointer, operation.extension as OperationSettings);
  }
  return settings;
}

/** What is fixed is sent with every call, and another number must not be. */
function roundedFault(digits: string, place: Place): Fault {
  return {
    place,
    rule: 'number-rounded',
    message: `${shownDigits(digits)} has more digits than a double holds, and would be sent as ${String(Number(digits))}`,
    remedy: 'write a number of at most 15 digits, or leave the argument to the callers, who can send every digit',
  };
}

function refuse(faults: readonly Fault[], provider: string, findings: Findings): void {
  for (const { place, ...fault } of faults) findings.refused.push({ ...place, provider, ...fault });
}
