// Why a scenario did not come to its end, with what there is to see of it on one screen.

export class BoardFailure extends Error {
  /** The end of the serial log, and what else the scenario could gather. */
  readonly log: readonly string[];

  constructor(message: string, log: readonly string[]) {
    super(message);
    this.name = 'BoardFailure';
    this.log = log;
  }
}
