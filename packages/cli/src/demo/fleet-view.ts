// What the demonstration asks of the controller, and how it waits for an answer.

/** A board as the controller judges it. */
export interface SeenDevice {
  readonly device: string;
  readonly standing: string;
  readonly reason: string;
  readonly message: string;
}

export interface SeenRollout {
  readonly id: string;
  readonly release: string;
  /** advancing, soaking, waiting, paused or done. */
  readonly state: string;
  /** Of a pause. */
  readonly reason?: string;
  readonly message: string;
}

export interface FleetView {
  devices(): Promise<readonly SeenDevice[]>;
  /** The newest rollout of the fleet; undefined before the first. */
  rollout(): Promise<SeenRollout | undefined>;
  /** Why a board does not change, line by line, as `seatrial why` prints it. */
  why(device: string): Promise<readonly string[]>;
  /** Decisions since the last call, as `seatrial events` prints them. */
  news(): Promise<readonly string[]>;
}

export interface Waiting {
  readonly deadlineMs: number;
  readonly everyMs?: number;
  /** Ends the waiting early. */
  readonly stop: AbortSignal;
}

/** The first answer that `enough` accepts; undefined when the deadline came first. */
export async function waitFor<T>(
  ask: () => Promise<T>,
  enough: (answer: T) => boolean,
  { deadlineMs, everyMs = 250, stop }: Waiting,
): Promise<T | undefined> {
  const until = Date.now() + deadlineMs;
  while (Date.now() < until && !stop.aborted) {
    const answer = await ask();
    if (enough(answer)) return answer;
    await new Promise(resolve => setTimeout(resolve, everyMs));
  }
  return undefined;
}
