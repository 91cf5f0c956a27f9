// How a release can fail on a board, and on which boards of a fleet it does.

import type { DeviceTarget, Payload } from '@seatrial/spec';
import type { Nature } from '../hardware.ts';
import type { FirmwareBehaviour, OsBehaviour } from '../world.ts';

/** `half`: which half of the release is to blame. */
type FailureRow =
  | { readonly half: 'os'; readonly behaviour: OsBehaviour; readonly summary: string }
  | { readonly half: 'firmware'; readonly behaviour: FirmwareBehaviour; readonly summary: string };

const os = (behaviour: OsBehaviour, summary: string): FailureRow => ({ half: 'os', behaviour, summary });
const firmware = (behaviour: FirmwareBehaviour, summary: string): FailureRow => ({
  half: 'firmware',
  behaviour,
  summary,
});

export const FAILURES = {
  unhealthy: os('unhealthy', 'the OS starts and never passes its health checks'),
  panic: os('panics', 'the OS never comes up'),
  hang: os('hangs', 'health checks never answer'),
  flap: os('flaps', 'health checks pass one time in three'),
  crash: os('crashes-once', 'the OS crashes once, right after it was blessed'),
  refused: firmware('refused', 'the firmware refuses the capsule'),
  dead: firmware('dead', 'no OS starts on the new firmware'),
} as const satisfies Readonly<Record<string, FailureRow>>;
export type FailureKind = keyof typeof FAILURES;
export const FAILURE_KINDS = Object.keys(FAILURES) as readonly FailureKind[]; // the keys of the table

/** Undefined where a release has the half that is to fail. */
export const missingHalf = (kind: FailureKind, payload: Payload): 'os' | 'firmware' | undefined => {
  const { half } = FAILURES[kind];
  return payload[half] === undefined ? half : undefined;
};

export const HEALTHY: Nature = { os: new Map(), firmware: new Map() };

type Shares = Readonly<Partial<Record<FailureKind, number>>>;

/**
 * How the release fails on the board that comes `rank`th, from 0, of so many. Shares are percent and sum up to at most 100;
 * their sum is rounded up, so that a share of any fleet is a board.
 */
export function natureOf(
  { payload }: Pick<DeviceTarget, 'payload'>,
  shares: Shares,
  { rank, boards }: { readonly rank: number; readonly boards: number },
): Nature {
  let share = 0;
  for (const kind of FAILURE_KINDS) {
    share += shares[kind] ?? 0;
    if (rank < Math.ceil((share * boards) / 100 - ROUNDING)) return naturally(kind, payload);
  }
  return HEALTHY;
}

/** Guards whole numbers of boards against the last bit of a floating-point product. */
const ROUNDING = 1e-9;

function naturally(kind: FailureKind, payload: Payload): Nature {
  const row = FAILURES[kind];
  if (row.half === 'os') {
    return payload.os === undefined ? HEALTHY : { ...HEALTHY, os: new Map([[payload.os.commit, row.behaviour]]) };
  }
  if (payload.firmware === undefined) return HEALTHY;
  return { ...HEALTHY, firmware: new Map([[payload.firmware.version, row.behaviour]]) };
}
