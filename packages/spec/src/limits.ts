// Upper bounds on everything that a file may hold, so that a hostile one costs a bounded amount of work.

export const LIMITS = {
  /** A file larger than this is not even decoded. */
  fileBytes: 4 * 1024 * 1024,
  documentsPerFile: 1_000,
  envelopeBytes: 256 * 1024,
  /** Words, signs, spaces and line ends; 100,000 devices with a label each need 1,700,000. */
  tokensPerFile: 2_500_000,
  /** Mappings and lists inside each other; the deepest kind needs seven. */
  nesting: 32,
  /** In one mapping, whatever the kind says; 64 keys are the most that any kind takes. */
  entriesPerMapping: 256,
  /** Further problems with a file's syntax are left out: they only follow from the first. */
  findingsPerText: 100,
  /** Further issues of one file are summed up in one. */
  issuesPerFile: 1_000,
  devicesPerList: 100_000,
  capsules: 16,
  stages: 32,
  windows: 32,
  healthChecks: 32,
  approvals: 64,
  labels: 32,
  keys: 64,
  roles: 32,
  commandWords: 32,
  shortText: 256,
  urlText: 2_048,
  notesText: 16_384,
  /** A window, soak, deadline or timeout: 90 days. */
  durationMs: 90 * 86_400_000,
} as const;

/** TrialBootMaxCount is four bits wide. */
export const TRIAL_BOOTS_MAX = 15;

/**
 * Boots that one trial may use up: the first after the capsule, every try of the new system, the fallback boot in which
 * the old system decides, and one to spare.
 */
export const coupledTrialBoots = (bootTries: number): number => 1 + bootTries + 1 + 1;

/**
 * Payload and policy of one board as canonical JSON may be this long, so that with ids, expiry, signature and base64
 * the plan stays under the 4 KiB that a board accepts.
 */
export const PLAN_BODY_BYTES = 1_880;
