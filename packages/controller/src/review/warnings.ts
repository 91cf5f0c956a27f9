// Every warning that a review can give, with its cause, its remedy, and what it does unless the policy says otherwise.

export interface WarningRow {
  /** A heading of a few words. */
  readonly title: string;
  /** How one comes to see this. */
  readonly cause: string;
  readonly remedy: string;
  /** Without a word in the policy. Approvals need a role, and only the policy can name one. */
  readonly effect: 'tell' | 'block';
}

const row = (effect: WarningRow['effect'], title: string, cause: string, remedy: string): WarningRow => ({
  title,
  cause,
  remedy,
  effect,
});

export const WARNINGS = {
  /* ---- what can not be taken back ---- */
  'firmware-for-good': row(
    'tell',
    'Firmware that can never go back',
    'Boards would commit newer firmware. From the next power-on UEFI refuses everything older: no git revert brings the old version back.',
    'Merge only when this firmware may stay. Keep a small first stage and a soak, while most boards can still be spared.',
  ),
  'firmware-without-trial': row(
    'tell',
    'Firmware without a trial',
    'The Board says `trial: unavailable`: new firmware runs for good from its first boot, healthy or not.',
    'Provision RPMB where that is possible; else roll out in small stages.',
  ),
  downgrade: row(
    'tell',
    'Older firmware than what runs',
    'Boards would be given firmware that is older than what they run, as far as their floor allows it.',
    'Check that this is meant: a revert of a release, say.',
  ),
  'trust-root-changed': row(
    'tell',
    'The root of trust changes',
    'The TrustRoot is another one: it decides whose signatures boards accept.',
    'Let the holders of the root role look at it.',
  ),
  'policy-changed': row(
    'tell',
    'The review policy changes',
    'seatrial.policy.yaml is another one at the head. This review follows the one at the base.',
    'Let those look at it who would be asked for approval.',
  ),

  /* ---- boards that can not follow ---- */
  'below-floor': row(
    'block',
    'Firmware below the floor of boards',
    'Boards may never again run firmware as old as this: `versionFloor`, the ESRT or what they committed forbids it. They would stall.',
    'Release the same content with a newer firmware version.',
  ),
  'below-minimum-from': row(
    'tell',
    'Boards too old for this release',
    'The release has `minimumFrom`, and boards run older firmware. They would stall until they went through another release.',
    'Bring those boards to a release in between first, by a pin or their own fleet.',
  ),
  'esp-too-small': row(
    'tell',
    'No room on the ESP',
    'Boards do not have twice the size of the capsules free on their ESP, or no ESP of this Board type could. They would stall.',
    'Make the capsules smaller, or remove what does not belong on the ESP.',
  ),
  'trial-budget': row(
    'block',
    'The trial does not fit its counter',
    'The trial needs more boots than the four bits of TrialBootMaxCount can count. Boards would stall.',
    'Lower `trial.bootTries` of the fleet.',
  ),
  'boards-blocked': row(
    'tell',
    'Boards that could not begin',
    'Boards show an obstacle that somebody must remove first; the text names it. docs/errors.md explains each.',
    'Remove it, or take those boards out of the fleet.',
  ),
  'boards-failed-before': row(
    'tell',
    'Boards that have failed this before',
    'Boards tried exactly this payload and went back. They do not try again by themselves.',
    'Change the release, or run `seatrial rollout retry` after the merge.',
  ),
  'boards-gated': row(
    'tell',
    'Boards behind a closed gate',
    'Boards would wait until a gate opens: battery, parked, charging, network, maintenance mode, consent.',
    'Nothing, if they will open. The rollout counts such boards apart.',
  ),
  'boards-unreachable': row(
    'tell',
    'Boards that are silent',
    'The controller counted these boards as unreachable when the snapshot was taken.',
    'Nothing, if they come back: they catch up. The rollout counts them apart.',
  ),
  'boards-unobserved': row(
    'tell',
    'Boards that are not in the snapshot',
    'Git has boards that have never reported, or not to the controller that made the snapshot: nothing can be foretold of them.',
    'Make a new snapshot. A new board appears after its first report.',
  ),
  'rollout-would-halt': row(
    'tell',
    'The rollout would not end by itself',
    'Even if every board that can act succeeds, the rollout pauses or waits: the text says for what.',
    'Remove what the blocked boards show, or lower `successThreshold`.',
  ),

  /* ---- who belongs where ---- */
  'fleet-deleted': row(
    'tell',
    'A fleet is deleted',
    'Its rollout is cancelled. Its boards finish what they have begun, keep what they run, and get no further plans.',
    'Check that another fleet selects the boards, or that they are retired.',
  ),
  'release-deleted': row(
    'tell',
    'A release is deleted',
    'Nothing can go back to it any more without restoring the file.',
    'Keep releases that boards still run.',
  ),
  'device-deleted': row(
    'tell',
    'Boards are deleted',
    'Boards are no longer listed. They keep what they run and get no further plans.',
    'Check that they are retired. Revoke their certificates.',
  ),
  'boards-leave': row(
    'tell',
    'Boards leave a fleet',
    'Boards would follow another fleet, or none.',
    'Check the labels: a change of one label moves a whole list.',
  ),
  'boards-join': row(
    'tell',
    'Boards enter a fleet',
    'Boards would follow this fleet that followed another one, or none. They get its release under its rollout.',
    'Check the labels: a change of one label moves a whole list.',
  ),
  'boards-claimed-twice': row(
    'block',
    'Two fleets claim a board',
    'The selectors of two fleets match the same board. Nothing of the change can come into force.',
    'Narrow one of the selectors.',
  ),
  'fleet-suspended': row(
    'tell',
    'The fleet is suspended',
    'Nothing of this change is published to the boards of the fleet until `suspend` is false.',
    'Nothing, if that is meant.',
  ),

  /* ---- trust ---- */
  'release-unsigned': row(
    'tell',
    'A release without signatures',
    'The release that boards are to get carries no valid signature. A controller with `requireSignatures` publishes nothing of it.',
    'Sign it with `seatrial sign`.',
  ),
  'release-under-signed': row(
    'tell',
    'A release with too few signatures',
    'Signatures are there, and a role does not reach its threshold, or they are over something else.',
    'Have the missing role sign, or sign again what is written now.',
  ),
  'artifact-mismatch': row(
    'block',
    'An artifact is not what the release says',
    'The file that boards would fetch has another digest or size than the release says. Every board would refuse it.',
    'Publish the right file, or correct the release; then sign it again.',
  ),
  'artifact-missing': row(
    'tell',
    'An artifact is not there',
    'The file that boards would fetch was looked for and not found.',
    'Publish it before the merge.',
  ),

  /* ---- how far to trust this review ---- */
  'snapshot-foreign': row(
    'block',
    'The snapshot is of another fleet',
    'The snapshot was taken of another repository, or of a commit that this one does not have.',
    'Take the snapshot from the controller of this fleet.',
  ),
  'snapshot-stale': row(
    'tell',
    'The snapshot is old',
    'The snapshot is older than the policy allows, or than the commit that this change is based on: boards may have moved since.',
    'Make a new one with `seatrial snapshot`.',
  ),
  'snapshot-undated': row(
    'tell',
    'The snapshot does not say when or where it was taken',
    'It was made by an older version, or by hand.',
    'Make a new one with `seatrial snapshot`.',
  ),
  'base-moved': row(
    'tell',
    'The base is behind what is in force',
    'The controller has already seen a newer commit than the one that this change is based on.',
    'Update the branch, so that the review is of what the merge would bring.',
  ),
  'base-invalid': row(
    'tell',
    'The base has errors',
    'What the change is compared with can not be put in force itself; everything at the head counts as new.',
    'Nothing, if this change repairs it.',
  ),
} as const satisfies Readonly<Record<string, WarningRow>>;

/** The closed union of codes; policies and scripts may rely on them. */
export type WarningCode = keyof typeof WARNINGS;

export const WARNING_CODES = Object.keys(WARNINGS) as readonly WarningCode[]; // total by its type
