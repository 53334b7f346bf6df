/** Plans, which are made once and kept until a value, or the set of the providers, is another one. */

import type {
  EndpointDescriptor,
  ProviderAccess,
  ProviderDescriptor,
  SecurityAlternative,
} from '../../generated/contract.js';
import { planFor, type Plan, type PlanOptions } from './credential-plan.js';
import { ownersOf, type Owners } from './is-own-variable.js';

export interface KeptPlansOptions extends PlanOptions {
  /** All providers now, by id, to tell whose a variable is. */
  readonly providers?: () => ReadonlyMap<string, unknown>;
  /** Told of each plan for an endpoint that is made. */
  readonly onMade: (provider: ProviderDescriptor, plan: Plan) => void;
}

/** What was worked out, and of which values and providers. */
interface Kept<Value> {
  readonly version: number;
  readonly owners: Owners;
  readonly value: Value;
}

export class KeptPlans {
  readonly #owners: () => Owners;
  readonly #plans = new WeakMap<EndpointDescriptor, Kept<Plan>>();
  readonly #remedies = new WeakMap<readonly SecurityAlternative[], Kept<string | undefined>>();

  constructor(private readonly options: KeptPlansOptions) {
    this.#owners = latestOwners(options.providers ?? (() => NO_PROVIDERS));
  }

  of(provider: ProviderDescriptor, endpoint: EndpointDescriptor): Plan {
    const kept = this.#plans.get(endpoint);
    const { version } = this.options.values;
    const owners = this.#owners();
    if (kept?.version === version && kept.owners === owners) return kept.value;
    const value = planFor(this.options, owners, provider, endpoint);
    this.options.onMade(provider, value);
    this.#plans.set(endpoint, { version, owners, value });
    return value;
  }

  /** What the operator can do for all endpoints that have this need; undefined where nothing has to be done. */
  remedy(providerId: string, access: ProviderAccess, need: number): string | undefined {
    const security = access.needs[need];
    if (security === undefined) return undefined;
    const kept = this.#remedies.get(security);
    const { version } = this.options.values;
    const owners = this.#owners();
    if (kept?.version === version && kept.owners === owners) return kept.value;
    const plan = planFor(this.options, owners, { id: providerId, ...access }, { security });
    const value = remedyOf(plan);
    this.#remedies.set(security, { version, owners, value });
    return value;
  }
}

/** Undefined of a plan that a call can be made with. */
export function remedyOf(plan: Plan): string | undefined {
  return plan !== 'none-needed' && 'remedy' in plan ? plan.remedy : undefined;
}

const NO_PROVIDERS: ReadonlyMap<string, unknown> = new Map();

/** Those of the providers now; made anew when there are others. */
function latestOwners(providers: () => ReadonlyMap<string, unknown>): () => Owners {
  let of: ReadonlyMap<string, unknown> = NO_PROVIDERS;
  let owners: Owners = new Set();
  return () => {
    const now = providers();
    if (now !== of) {
      owners = ownersOf(now);
      of = now;
    }
    return owners;
  };
}
