// Every way in which the command itself can fail, with cause and remedy. What is wrong in a fleet repository is an Issue instead.

export interface CliErrorRow {
  readonly cause: string;
  readonly remedy: string;
}

const row = (cause: string, remedy: string): CliErrorRow => ({ cause, remedy });

/** Code to cause and remedy; docs/errors.md prints it. */
export const CLI_ERRORS = {
  usage: row(
    'The command line has an unknown command, option or value, or lacks one.',
    'Add --help to the command: it lists what there is, with examples.',
  ),
  'directory-unreadable': row(
    'The directory that was named does not exist, is a file, or may not be read.',
    'Name the root of a fleet repository, or change into it.',
  ),
  'desired-state-invalid': row(
    'The fleet repository has errors, so that nothing can be planned from it.',
    'Repair what `seatrial validate` reports, then plan again.',
  ),
  'observed-unreadable': row(
    'The file given with --observed can not be read.',
    'Make one with `seatrial snapshot > observed.json`, and check its path.',
  ),
  'observed-malformed': row(
    'The file given with --observed is not a snapshot of observed boards.',
    'Make a new one with `seatrial snapshot`; the message names the first member that is wrong.',
  ),
  'name-unknown': row(
    'A device or fleet that was named is neither in the fleet repository nor in the snapshot.',
    'Mind the spelling; leave the option away to see all.',
  ),
  'repository-unknown': row(
    'The command reads git, and was called outside of any repository.',
    'Change into a clone of the fleet repository, or name one with --repository.',
  ),
  'revision-unknown': row(
    'A revision that was named is no commit of this repository, or a shallow clone does not reach back to it.',
    'Mind the spelling; `git fetch` it. In CI clone with all history (`fetch-depth: 0`).',
  ),
  'merge-conflict': row(
    'The two revisions changed the same lines, so that nobody can say what a merge would hold.',
    'Merge the base into the change, or rebase it, and review again.',
  ),
  'policy-invalid': row(
    'The review policy can not be read, or has errors. Without it nobody knows what to refuse.',
    'Repair what is reported; docs/review.md describes the file.',
  ),
  'audit-missing': row(
    'The repository has no audit branch: no controller has decided anything for it, or it writes to another branch.',
    'Compare `audit.branch` in the configuration of the controller, and name the branch with --audit-branch.',
  ),
  'rehearsal-empty': row(
    'There is no board to rehearse a rollout with.',
    'List devices that the fleet selects, or make boards up with `--boards 100`.',
  ),
  'config-unreadable': row('The settings file can not be read.', 'Check its path and permissions, or remove it.'),
  'config-malformed': row(
    'The settings file is not YAML, or has a member that is not known.',
    'It may hold `server` and `token`, nothing else.',
  ),
  'server-unreachable': row(
    'No controller answers at this address.',
    'Name the right one with --server, SEATRIAL_SERVER or `server:` in the settings file; check that `seatrial controller` runs.',
  ),
  'server-answer-malformed': row(
    'What answered is not a controller of this version.',
    'Compare the address, and the versions with `seatrial version` on both machines.',
  ),
  'not-found': row(
    'The controller knows nothing of this kind and name.',
    'List what there is with `seatrial get fleets`, `devices`, `rollouts` or `releases`.',
  ),
  'key-unreadable': row(
    'The private key can not be read, or the file holds none.',
    'Give the .key file that `seatrial keygen` wrote.',
  ),
  'key-not-ed25519': row(
    'The private key is of another type than Ed25519.',
    'Make one with `seatrial keygen`. Capsules are signed with `seatrial capsule sign` and RSA keys.',
  ),
  'key-exists': row(
    'A key file of this name exists already; it is never overwritten, since what it signed would be orphaned.',
    'Choose another name, or move the old files away if you are sure.',
  ),
  'document-unreadable': row('The document that is to be signed can not be read.', 'Check its path.'),
  'document-invalid': row(
    'The document that is to be signed has errors.',
    'Repair what `seatrial validate` reports; only a valid document is worth a signature.',
  ),
  'document-not-signable': row(
    'Signatures stand beside a file with exactly one Release, TrustRoot or Approval.',
    'Put the document into a YAML file of its own.',
  ),
  'signature-unreadable': row(
    'The signature file beside the document is not a DSSE envelope.',
    'Delete it and sign again with every key, if nobody needs it any more.',
  ),
  'signature-outdated': row(
    'The document was changed after it had been signed; the signatures beside it are over what it said before.',
    'Undo the change, since releases never change; or drop the old signatures with --replace.',
  ),
  'output-failed': row('A file could not be written.', 'Check the directory, its permissions and its free space.'),
  defect: row(
    'The command broke one of its own promises.',
    'Report this as a defect, with what you typed. SEATRIAL_DEBUG=1 shows where it happened.',
  ),
} as const satisfies Readonly<Record<string, CliErrorRow>>;

export type CliErrorCode = keyof typeof CLI_ERRORS;

/** Ends the command with exit code 2. The message is about this very case and holds no secret. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** The failure of another package, under its own code and with its own remedy. */
export class ForeignError extends Error {
  override readonly name = 'ForeignError';
  readonly code: string;
  readonly remedy: string;

  constructor({ code, message, remedy }: { readonly code: string; readonly message: string; readonly remedy: string }) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
