// Everything that can go wrong on a board that is expected to: each code with its class, its condition reason, its cause
// and its remedy. docs/errors.md is held against this table in both directions.

/**
 * transient: heals by trying again soon (network, lock, busy). waiting: somebody or something else must change first, so
 * it is tried again slowly. terminal: trying again would do harm or change nothing; a new plan or a restart is needed.
 */
export type ErrorClass = 'transient' | 'waiting' | 'terminal';

export interface ErrorRow {
  readonly class: ErrorClass;
  /** The `reason` of the board's condition while this stands. */
  readonly reason: string;
  readonly cause: string;
  readonly remedy: string;
}

const row = (errorClass: ErrorClass, reason: string, cause: string, remedy: string): ErrorRow => ({
  class: errorClass,
  reason,
  cause,
  remedy,
});

/** The closed union of codes and what each one means. */
export const AGENT_ERRORS = {
  /* ---- artefacts ---- */
  'artifact-unreachable': row(
    'transient',
    'ArtifactUnreachable',
    'The server of a capsule could not be reached, or it answered with a status of 500 and above.',
    'Check the network and the server; the download goes on by itself where it stopped.',
  ),
  'artifact-missing': row(
    'waiting',
    'ArtifactMissing',
    'The server of a capsule answered that there is no such file, or that this board may not have it.',
    'Put the file under the URL that the release names, or correct the URL in a new release.',
  ),
  'artifact-stalled': row(
    'transient',
    'ArtifactStalled',
    'No byte of a capsule arrived for the stall time.',
    'Nothing: the download goes on by itself where it stopped.',
  ),
  'artifact-interrupted': row(
    'transient',
    'ArtifactInterrupted',
    'The connection ended before the whole capsule had arrived.',
    'Nothing: the download goes on by itself where it stopped.',
  ),
  'artifact-size': row(
    'waiting',
    'ArtifactWrong',
    'The file on the server is longer or shorter than the release declares.',
    'Compare the file on the server with `size` and `sha256` of the release; one of them is wrong.',
  ),
  'artifact-digest': row(
    'waiting',
    'ArtifactWrong',
    'The whole file arrived and its SHA-256 is not the declared one. Nothing of it was kept.',
    'Compare the file on the server with `sha256` of the release; one of them is wrong.',
  ),
  'artifact-corrupt': row(
    'transient',
    'ArtifactCorrupt',
    'A capsule that was verified when it was downloaded reads differently now.',
    'It is fetched again by itself; if this repeats, suspect the storage.',
  ),
  'disk-full': row(
    'waiting',
    'DiskFull',
    'The file system that holds downloads and records has no room left.',
    'Make room below /var/lib/seatrial or move `paths.downloads` to a larger file system.',
  ),
  'store-io': row(
    'transient',
    'StorageFailed',
    'Reading or writing a file of the agent failed.',
    'Look at the kernel log for errors of the storage; see that /var is mounted and writable.',
  ),
  /* ---- ESP and UEFI variables ---- */
  'esp-full': row(
    'waiting',
    'EspFull',
    'The ESP had no room for a capsule although the check before said so.',
    'Remove what does not belong on the ESP; it must hold twice the capsule.',
  ),
  'esp-read-only': row(
    'waiting',
    'EspReadOnly',
    'The ESP refused a write because it is mounted read-only.',
    'Check the file system (fsck.fat) and mount the ESP read-write.',
  ),
  'esp-io': row(
    'transient',
    'EspFailed',
    'Reading or writing the ESP failed.',
    'Look at the kernel log for errors of the storage or of the FAT.',
  ),
  'esp-read-back': row(
    'transient',
    'EspFailed',
    'A capsule was written to the ESP and reads back differently.',
    'It is written again by itself; if this repeats, suspect the storage or the FAT.',
  ),
  'efivarfs-missing': row(
    'waiting',
    'EfivarfsMissing',
    '/sys/firmware/efi/efivars is not there.',
    'Boot through UEFI, and mount efivarfs.',
  ),
  'efivarfs-read-only': row(
    'waiting',
    'EfivarfsReadOnly',
    'efivarfs refused a write.',
    'Mount efivarfs read-write, and see that the variable service of the firmware runs.',
  ),
  'efivarfs-full': row(
    'waiting',
    'EfivarfsFull',
    'The firmware has no room left for variables.',
    'Remove variables that nothing needs, such as old dumps; the firmware may need a restart to reclaim the room.',
  ),
  'efivarfs-io': row(
    'transient',
    'EfivarfsFailed',
    'The firmware refused to read or write a variable.',
    'Look at the kernel log; the variable service of the firmware may be busy or gone.',
  ),
  'efi-variable-malformed': row(
    'waiting',
    'EfiVariableMalformed',
    'A UEFI variable does not have the form that its definition demands.',
    'Look at the variable with `efivar -p`; correct or delete it.',
  ),
  'efi-read-back': row(
    'transient',
    'EfivarfsFailed',
    'A UEFI variable was written and reads back differently.',
    'It is written again by itself; if this repeats, the firmware does not keep this variable.',
  ),
  'esrt-malformed': row(
    'waiting',
    'EsrtMalformed',
    'A row of the ESRT in sysfs can not be read.',
    'Look at /sys/firmware/efi/esrt/entries; the firmware publishes a broken table.',
  ),
  /* ---- boot loader and OSTree ---- */
  'loader-entry-missing': row(
    'transient',
    'BootEntryMissing',
    'The boot entry that a step is about is not in loader/entries.',
    'Look at loader/entries; OSTree writes an entry for every deployment.',
  ),
  'loader-entry-exists': row(
    'waiting',
    'BootEntryExists',
    'A boot entry can not be renamed because there is one under the new name.',
    'Remove the twin in loader/entries that OSTree did not write.',
  ),
  'loader-io': row(
    'transient',
    'BootEntriesFailed',
    'Reading or renaming a boot entry failed.',
    'Look at the kernel log; see that the boot file system is mounted and writable.',
  ),
  'boot-id-missing': row(
    'waiting',
    'BootIdMissing',
    '/proc/sys/kernel/random/boot_id is missing or malformed.',
    'Mount /proc.',
  ),
  'ostree-failed': row(
    'transient',
    'OstreeFailed',
    'The ostree command ended with a failure.',
    'Read its last words in the message, and run it by hand.',
  ),
  'ostree-remote-unknown': row(
    'waiting',
    'OstreeRemoteUnknown',
    "The release names an OSTree remote that the board's repository does not have.",
    'Add it with `ostree remote add`, or name the remote that the board has.',
  ),
  'pull-unreachable': row(
    'transient',
    'OstreeUnreachable',
    'The OSTree repository could not be reached, or it answered with a status of 500 and above.',
    'Check the network and the server; objects that have arrived are kept.',
  ),
  'pull-stalled': row(
    'transient',
    'OstreeStalled',
    'No byte of a commit arrived for the stall time.',
    'Nothing: the pull goes on by itself; objects that have arrived are kept.',
  ),
  'pull-incomplete': row(
    'waiting',
    'OstreeCommitMissing',
    'The OSTree repository answered, and the commit or one of its objects is not in it.',
    'Publish the commit in the repository, with all its objects, or correct the release.',
  ),
  'deployment-missing': row(
    'transient',
    'DeploymentMissing',
    'The deployment that a step is about is not on the board.',
    'Nothing: the board looks again and decides anew.',
  ),
  'deployment-booted': row(
    'terminal',
    'DeploymentBooted',
    'A step would have removed the deployment that is running.',
    'Report this as a defect; nothing was removed.',
  ),
  /* ---- commands ---- */
  'command-missing': row(
    'waiting',
    'CommandMissing',
    'A program that the agent needs is not installed where the configuration says.',
    'Install it, or correct `commands` in the configuration.',
  ),
  'command-timeout': row(
    'transient',
    'CommandTimeout',
    'A program did not end within its time and was killed.',
    'Run it by hand and see what it waits for.',
  ),
  'bless-failed': row(
    'transient',
    'BlessFailed',
    'systemd-bless-boot ended with a failure.',
    'Run `systemd-bless-boot status`; see that the boot file system is mounted and writable.',
  ),
  'reboot-refused': row(
    'transient',
    'RebootRefused',
    'systemd did not accept the request to reboot.',
    'Run `systemctl reboot` by hand; look for inhibitors with `systemd-inhibit --list`.',
  ),
  /* ---- records ---- */
  'journal-corrupt': row(
    'transient',
    'JournalCorrupt',
    'The journal could not be read and was set aside beside itself; the board went on by what it can see.',
    'Look at journal.json.corrupt; if this repeats, suspect the storage.',
  ),
  'record-corrupt': row(
    'transient',
    'RecordCorrupt',
    'A record of the agent could not be read and was set aside beside itself.',
    'Nothing: the record is made anew; if this repeats, suspect the storage.',
  ),
  /* ---- plans ---- */
  'trust-missing': row(
    'waiting',
    'TrustMissing',
    'There is no trust root, so no plan can be believed.',
    'Install the trust root where `trustRoot` of the configuration says.',
  ),
  'trust-malformed': row(
    'waiting',
    'TrustMalformed',
    'The trust root can not be read.',
    'Install a trust root as `seatrial` writes it.',
  ),
  'plan-unsigned': row(
    'waiting',
    'PlanRefused',
    'A plan arrived that no trusted controller has signed.',
    "Compare the controller's key with the trust root of the board.",
  ),
  'plan-expired': row(
    'waiting',
    'PlanExpired',
    'The plan is older than its expiry allows.',
    "Check the board's clock and that the controller publishes.",
  ),
  'plan-old-generation': row(
    'waiting',
    'PlanRefused',
    'A plan arrived that is not newer than the one the board has.',
    'Nothing, unless it repeats: then another controller publishes to this board, or its state was lost.',
  ),
  'plan-other-board': row(
    'waiting',
    'PlanRefused',
    'A plan arrived that is for another board.',
    'See that no two boards share an identity and that the broker keeps boards to their own topics.',
  ),
  'plan-oversized': row(
    'waiting',
    'PlanRefused',
    'A plan arrived that is larger than a plan may be.',
    'Shorten URLs, health checks and windows of the fleet.',
  ),
  'plan-malformed': row(
    'waiting',
    'PlanRefused',
    'A plan arrived that can not be read.',
    'See that controller and agent speak the same version.',
  ),
  /* ---- starting ---- */
  'config-unreadable': row(
    'terminal',
    'ConfigUnreadable',
    'The configuration file can not be read.',
    'Check the path given with --config, and its permissions.',
  ),
  'config-invalid': row(
    'terminal',
    'ConfigInvalid',
    'The configuration file has errors.',
    'Repair what is reported with line and column; docs/agent.md lists every field.',
  ),
  'broker-missing': row(
    'terminal',
    'BrokerMissing',
    'The agent is to run as a daemon and the configuration names no broker.',
    'Write `broker.urls` into the configuration, or use `agent once`.',
  ),
  'board-busy': row(
    'terminal',
    'BoardBusy',
    'Another agent works on this board.',
    'Stop the other one (`systemctl stop seatrial-agent`), or let it do the work.',
  ),
  'plan-unreadable': row(
    'terminal',
    'PlanUnreadable',
    'The file given with --plan can not be read.',
    'Check its path; it must hold a plan in its signed envelope.',
  ),
  /* ---- the pass itself ---- */
  'world-moved': row(
    'transient',
    'WorldMoved',
    'Between the decision and the act the board changed, so the act was not done.',
    'Nothing: the board looks again and decides anew.',
  ),
  'step-without-effect': row(
    'transient',
    'StepWithoutEffect',
    'A step was carried out without an error and what it promised can not be seen.',
    'It is tried again by itself; if this repeats, the message says what should have changed.',
  ),
  interrupted: row(
    'transient',
    'Interrupted',
    'A step in the background was ended because there is a newer plan or the agent stops.',
    'Nothing: the board looks again and decides anew.',
  ),
  defect: row(
    'terminal',
    'Defect',
    'The agent broke one of its own promises.',
    'Report this as a defect, with the log.',
  ),
} as const satisfies Record<string, ErrorRow>;
