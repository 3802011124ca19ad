import { NetworkError } from '../model/errors/errors.js';
import type { NetworkRequest } from '../model/request.js';
import type { PlannedNetwork } from '../model/network.js';
import type { SubnetExplanation } from './addresses/explanation.js';
import { revisionOf } from './create/check-revision.js';
import { checkRequest } from './create/check.js';
import { LastExplanation } from './create/last-explanation.js';
import { planNetwork } from './create/plan.js';
import { gatherPluginFacts } from './create/plugin-facts.js';
import type { NetworkWriter } from './dependencies/draft.js';
import type { PluginFinder } from './dependencies/plugins.js';
import type { SettingsSource } from './dependencies/settings.js';
import type { StoredNetwork } from './dependencies/stored-network.js';

/** A network as a create would make it now. */
export interface NetworkPlan {
  readonly stored: StoredNetwork;
  readonly warnings: readonly string[];
  /** Stands for all that the plan rests on. */
  readonly revision: string;
  /** One for each subnet of the network, in their order. */
  readonly explanation: readonly SubnetExplanation[];
}

/** A create that would be refused now. */
export interface RefusedPlan {
  readonly refusal: NetworkError;
  readonly revision: string;
  /** One for each subnet that the network would have, with all that is in the way. */
  readonly explanation: readonly SubnetExplanation[];
}

/** Plans networks, and reserves nothing for them: the next create may get what a plan has. */
export interface NetworkPlanner {
  /** @throws NetworkError storage, and invalid, unsupported or forbidden for a request that is wrong by itself */
  plan(request: NetworkRequest): Promise<NetworkPlan | RefusedPlan>;
}

export interface PlannerParts {
  /** One that makes nothing of what is planned. */
  readonly preview: NetworkWriter;
  readonly plugins: PluginFinder;
  readonly settings: SettingsSource;
}

export function buildPlanner({ preview, plugins, settings: source }: PlannerParts): NetworkPlanner {
  const last = new LastExplanation();
  return {
    async plan(request) {
      const checked = checkRequest(request);
      const facts = await gatherPluginFacts(checked, plugins);
      const settings = source.current;
      return await preview.run((draft): (() => NetworkPlan | RefusedPlan) => {
        const revision = revisionOf(draft, settings);
        const explain = (planned?: PlannedNetwork) => last.explain(checked, planned, draft, settings, revision);
        try {
          const { network, warnings } = planNetwork(checked, draft, settings, facts);
          // Before the network takes its own subnets.
          const explanation = explain(network);
          const read = draft.add(network);
          return () => ({ stored: read(), warnings, revision, explanation });
        } catch (error) {
          if (!(error instanceof NetworkError)) throw error;
          const explanation = explain();
          return () => ({ refusal: error, revision, explanation });
        }
      }, 'revision');
    },
  };
}
