// How an operating system behaves on a virtual board: part of its tree, so that what is deployed decides.

/** Where a tree says it. */
export const BEHAVIOUR_FILE = 'usr/lib/seatrial/behaviour.json';

/** hang and both panics end in a watchdog reset; a panic in the initramfs never reaches the deployment's own files. */
export type BootBehaviour = 'ok' | 'hang' | 'panic' | 'panic-in-initramfs';
/** flaky fails every other time, beginning with the first; passes-then-dies is healthy until the moment `diesAfter`. */
export type HealthBehaviour = 'ok' | 'fail' | 'flaky' | 'hang' | 'passes-then-dies';
/** What a dying OS survives: its first passed health check, or its blessing. */
export type LastMoment = 'health' | 'bless';

export interface Behaviour {
  readonly boot: BootBehaviour;
  readonly health: HealthBehaviour;
  readonly diesAfter: LastMoment;
  /** From the moment `diesAfter` to the end. */
  readonly diesAfterMs: number;
}

export const WELL_BEHAVED: Behaviour = { boot: 'ok', health: 'ok', diesAfter: 'health', diesAfterMs: 0 };

const BOOTS: readonly BootBehaviour[] = ['ok', 'hang', 'panic', 'panic-in-initramfs'];
const HEALTHS: readonly HealthBehaviour[] = ['ok', 'fail', 'flaky', 'hang', 'passes-then-dies'];

/** Reads behaviour.json; what it does not say, or says in words unknown here, is well behaved. */
export function parseBehaviour(text: string): Behaviour {
  const said: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  const { boot, health, diesAfter, diesAfterMs } = said;
  return {
    boot: BOOTS.find(known => known === boot) ?? WELL_BEHAVED.boot,
    health: HEALTHS.find(known => known === health) ?? WELL_BEHAVED.health,
    diesAfter: diesAfter === 'bless' ? 'bless' : WELL_BEHAVED.diesAfter,
    diesAfterMs: typeof diesAfterMs === 'number' ? diesAfterMs : WELL_BEHAVED.diesAfterMs,
  };
}
