// What has been found out since the start, and what that allows.
//
// Nothing is decided about a rollout before it is known what was decided before. A controller that has a database trusts it
// while the audit branch can not be reached; one that must rebuild waits for the branch, for git, and for the reports that
// the broker retains. A branch that was rewritten stops decisions in either case; looking and telling go on.

export class Readiness {
  audit: 'unknown' | 'agrees' | 'refused' = 'unknown';
  git = false;
  broker = false;
  readonly isRebuilt: boolean;

  constructor({ isRebuilt }: { readonly isRebuilt: boolean }) {
    this.isRebuilt = isRebuilt;
  }

  /** The rollouts of the branch must be in the ledger before the boards are assigned to them. */
  get mayReadGit(): boolean {
    return this.audit !== 'unknown';
  }

  /** The fleets must be in the ledger before reports are judged for them. */
  get mayConnect(): boolean {
    return this.mayReadGit && this.git;
  }

  /** A change can be foretold for the boards that are known, whatever has become of the audit branch. */
  get mayReview(): boolean {
    return this.git && (this.broker || !this.isRebuilt);
  }

  get mayDecide(): boolean {
    return this.audit === 'agrees' && this.git && (this.broker || !this.isRebuilt);
  }
}
