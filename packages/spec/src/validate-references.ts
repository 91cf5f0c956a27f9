// Everything that can be wrong between documents, as one list of rules.

import type { Corpus, Objection } from './corpus.ts';
import type { Listing } from './membership.ts';
import { deviceRules } from './rules/device-rules.ts';
import { nameRules } from './rules/name-rules.ts';
import { planRules } from './rules/plan-rules.ts';
import { referenceRules } from './rules/reference-rules.ts';
import { releaseRules } from './rules/release-rules.ts';
import { rolloutRules } from './rules/rollout-rules.ts';
import { type TrustOptions, trustRules } from './rules/trust-rules.ts';

/** All objections to valid documents taken together; signatures are judged apart, because resolving needs the verdicts. */
export const validateReferences = (
  corpus: Corpus,
  listings: readonly Listing[],
  options: TrustOptions,
): readonly Objection[] => [
  ...nameRules(corpus),
  ...referenceRules(corpus),
  ...releaseRules(corpus),
  ...planRules(corpus),
  ...rolloutRules(corpus, listings),
  ...deviceRules(corpus, listings),
  ...trustRules(corpus, options),
];
