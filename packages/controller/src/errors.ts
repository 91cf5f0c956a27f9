// Everything that can go wrong around the controller and is expected to: each code with its class, cause and remedy.
// docs/errors.md is held against this table in both directions.

/**
 * transient: heals by trying again soon (network, lock). waiting: somebody must change something; looked at again at the
 * usual pace. terminal: going on would do harm, so the part of the controller that met it stops until it is started anew.
 * refused: one message or request was not taken; nothing else is touched.
 */
export type ErrorClass = 'transient' | 'waiting' | 'terminal' | 'refused';

export interface ErrorRow {
  readonly class: ErrorClass;
  readonly cause: string;
  readonly remedy: string;
}

const row = (errorClass: ErrorClass, cause: string, remedy: string): ErrorRow => ({ class: errorClass, cause, remedy });

/** The closed union of codes and what each one means. */
export const CONTROLLER_ERRORS = {
  /* ---- git ---- */
  'git-unreachable': row(
    'transient',
    'The repository did not answer, or refused the credentials. The last good commit stays in force.',
    'Run `git ls-remote` with the same URL as the same user; see to network, key or token.',
  ),
  'git-repository-missing': row(
    'waiting',
    'There is no git repository at the path. The last good commit stays in force.',
    'Put the repository back, or correct `git.repository`.',
  ),
  'git-branch-missing': row(
    'waiting',
    'The repository answers and has no such branch. The last good commit stays in force; nothing is undone.',
    'Push the branch again, or correct `git.branch`.',
  ),
  'git-timeout': row(
    'transient',
    'A git command did not end within its time and was killed.',
    'See to the network, or raise `git.timeout` for a very large repository.',
  ),
  'git-failed': row(
    'transient',
    'A git command failed on the controller’s own mirror.',
    'Look at free space and permissions of the state directory. With the controller stopped the mirror may be deleted: it is cloned again.',
  ),
  'commit-invalid': row(
    'waiting',
    'The newest commit does not pass `seatrial validate`. The last good commit stays in force.',
    'Correct the named lines, or revert the commit.',
  ),
  'commit-too-large': row(
    'waiting',
    'The commit holds more files than a fleet repository may. The last good commit stays in force.',
    'Split lists of devices into fewer, longer files, or point `git.directory` at the fleet’s own directory.',
  ),
  /* ---- audit branch ---- */
  'audit-unreachable': row(
    'transient',
    'Decisions could not be pushed to the audit branch. They are kept and pushed later.',
    'See that the controller may push to the repository.',
  ),
  'audit-rewritten': row(
    'terminal',
    'The audit branch no longer contains what was committed to it: somebody rewrote or deleted history.',
    'Find out who and why. Push the old head back, or accept the new one with `audit.acceptHead`.',
  ),
  'audit-malformed': row(
    'terminal',
    'A record on the audit branch can not be read.',
    'Look at the named commit. If a newer controller wrote it, run that one.',
  ),
  /* ---- snapshots ---- */
  'snapshot-unreachable': row(
    'transient',
    'The reported state could not be pushed to its branch. Pipelines see the one that was pushed before.',
    'See that the controller may push to `snapshot.branch`, by force, and that no rule protects it.',
  ),
  /* ---- store ---- */
  'store-unavailable': row(
    'terminal',
    'The database can not be opened, or it is locked by another controller.',
    'See to the path, its permissions, and that only one controller uses it.',
  ),
  'store-newer': row(
    'terminal',
    'The database was written by a newer controller.',
    'Run that version, or delete the database: it is rebuilt from git, the audit branch and the boards’ reports.',
  ),
  'store-corrupt': row(
    'terminal',
    'The database is damaged.',
    'Move it away and start again: it is rebuilt from git, the audit branch and the boards’ reports.',
  ),
  'store-full': row(
    'transient',
    'The disk of the database is full. Nothing was acknowledged, so nothing is lost.',
    'Make room.',
  ),
  /* ---- broker ---- */
  'broker-unreachable': row(
    'transient',
    'The MQTT broker does not answer, or closes the connection. Boards go on with the plans they have.',
    'See to the broker, its address and the network.',
  ),
  'broker-refused': row(
    'transient',
    'The MQTT broker refuses the controller’s credentials or certificate.',
    'Compare `broker` in the configuration with the broker’s own accounts and access rules.',
  ),
  'broker-address-in-use': row(
    'terminal',
    'The address of the embedded broker is taken.',
    'Choose another one, or name the broker that has it under `broker.url`.',
  ),
  /* ---- plans ---- */
  'plan-oversized': row(
    'waiting',
    'A plan would be larger than a board accepts. It is not published; the board keeps the one it has.',
    'Shorten URLs, health checks and windows of the fleet.',
  ),
  'key-not-trusted': row(
    'waiting',
    'The TrustRoot in git does not give the controller’s key the `controller` role: boards will refuse its plans.',
    'Add the key to the role, or configure the key that is there.',
  ),
  /* ---- messages of boards ---- */
  'report-oversized': row(
    'refused',
    'A board sent a message larger than one may be.',
    'Look at the agent of that board.',
  ),
  'report-malformed': row(
    'refused',
    'A board sent a message that can not be read.',
    'See that agent and controller are of versions that fit; look at the agent of that board.',
  ),
  'report-foreign': row(
    'refused',
    'A message names another board than its topic does.',
    'See that no two boards share an identity and that the broker keeps boards to their own topics.',
  ),
  'report-old': row(
    'refused',
    'A report is older than what is known of the board.',
    'Nothing, unless it repeats: then two boards share an identity, or a board lost its state.',
  ),
  'report-unjudgeable': row(
    'refused',
    'A report could be read, and judging it failed. It is kept, and the board stands as it stood; other boards are not affected.',
    'Look at what the board observes (`seatrial describe device`), its time zone first; then report this as a defect.',
  ),
  /* ---- requests ---- */
  'request-malformed': row(
    'refused',
    'A request has a parameter that is not of its form.',
    'See /api/v1/openapi.json.',
  ),
  'request-unauthorized': row(
    'refused',
    'An order came without the bearer token, or with a wrong one.',
    'Send `Authorization: Bearer …` with the token of the configuration.',
  ),
  'orders-disabled': row(
    'refused',
    'An order came, and this controller takes none because it has no token.',
    'Configure `http.tokenFile`.',
  ),
  'fleet-unknown': row('refused', 'No fleet in git has this name.', 'See `seatrial get fleets`.'),
  'device-unknown': row('refused', 'Neither git nor any report names this device.', 'See `seatrial get devices`.'),
  'rollout-unknown': row('refused', 'The fleet has no rollout.', 'See `seatrial get rollouts`.'),
  'rollout-done': row('refused', 'The rollout has ended.', 'Change the fleet in git to begin another.'),
  'rollout-paused': row('refused', 'The rollout is paused already.', 'Nothing.'),
  'rollout-not-paused': row('refused', 'The rollout is not paused.', 'Nothing.'),
  'rollout-not-begun': row(
    'refused',
    'The rollout has not entered its first stage.',
    'Bring what it waits for: `seatrial get rollouts` names it.',
  ),
  'controller-not-ready': row(
    'refused',
    'An order came before the controller knew what was decided before it was started, or while that is in doubt.',
    'See `seatrial status` for what it waits for, and give the order again.',
  ),
  /* ---- GitHub ---- */
  'forge-unreachable': row(
    'transient',
    'GitHub does not answer, or answers with an outage of its own. Fleets are not affected; previews and statuses come later.',
    'Look at the network, `github.baseUrl` and githubstatus.com.',
  ),
  'forge-rate-limited': row(
    'transient',
    'GitHub has had enough requests for now. None is sent until the limit ends.',
    'Nothing, unless it repeats: then see who else uses the same app or token, or raise `github.poll`.',
  ),
  'forge-refused': row(
    'waiting',
    'GitHub does not accept the app or token, or it lacks a permission.',
    'See that it was not revoked or uninstalled, and that it has the permissions that docs/pull-requests.md lists.',
  ),
  'forge-missing': row(
    'waiting',
    'GitHub does not have, or does not show, what was asked for.',
    'Correct `github.repository`; see that the app is installed on it and that the token may read it.',
  ),
  'forge-conflict': row(
    'transient',
    'Somebody changed the same thing on GitHub at the same moment. It is looked at again.',
    'Nothing.',
  ),
  'forge-rejected': row(
    'waiting',
    'GitHub understood a request and did not take it: most often its commit was pushed away in the meantime.',
    'Nothing if it passes with the next look; otherwise report it, with the field that the message names.',
  ),
  'forge-key-unreadable': row(
    'terminal',
    'The private key of the GitHub App can not be read.',
    'Give the PEM file that GitHub made for the app (RSA), readable by the controller alone.',
  ),
  'artifact-unreachable': row(
    'transient',
    'A place where builds put artifacts did not answer. Nothing newer is proposed from there until it does.',
    'Ask for the named address from the same machine; see to the network, or correct `artifacts.sources`.',
  ),
  'artifact-malformed': row(
    'waiting',
    'A place where builds put artifacts answered with something that is not what it should be: a ref without a checksum, a commit object that is another one, an index with errors, or more than is read. Nothing of it is used.',
    'Look at the named address; publish the artifacts anew.',
  ),
  'webhook-unsigned': row(
    'refused',
    'A webhook came without the signature of the shared secret, or with a wrong one. It woke nobody.',
    'Give GitHub and `github.webhook.secretFile` the same secret.',
  ),
  'webhook-replayed': row(
    'refused',
    'A webhook came a second time. It woke nobody.',
    'Nothing: what it told was looked at when it came first, and polling finds the rest.',
  ),
  'webhook-oversized': row(
    'refused',
    'A webhook was larger than one is read. It woke nobody; polling finds what it told.',
    'Nothing.',
  ),
  /* ---- configuration ---- */
  'config-unreadable': row('terminal', 'The configuration file can not be read.', 'See to its path and permissions.'),
  'config-invalid': row(
    'terminal',
    'The configuration holds something that is not allowed.',
    'Correct the named members.',
  ),
  'key-unreadable': row(
    'terminal',
    'The signing key can not be read.',
    'Give a PEM file with an Ed25519 private key, readable by the controller alone.',
  ),
  'http-address-in-use': row('terminal', 'The address of the API is taken.', 'Choose another one under `http.listen`.'),
} as const satisfies Record<string, ErrorRow>;

export type ControllerErrorCode = keyof typeof CONTROLLER_ERRORS;

export const errorRow = (code: ControllerErrorCode): ErrorRow => CONTROLLER_ERRORS[code];

/** What an adapter throws: which rule was broken, and by which path, URL, message or name. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly code: ControllerErrorCode;
  /** The outside thing that it happened to. Never holds a secret. */
  readonly element: string;

  constructor(
    code: ControllerErrorCode,
    element: string,
    options: { readonly detail?: string; readonly cause?: unknown } = {},
  ) {
    super(`${element}: ${options.detail ?? CONTROLLER_ERRORS[code].cause}`, { cause: options.cause });
    this.code = code;
    this.element = element;
  }
}
