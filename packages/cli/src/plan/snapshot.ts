// The file that `seatrial snapshot` writes and `seatrial plan` reads: what each board was last seen to be, and what it remembers.

import {
  AttemptMessage,
  FailedMessage,
  type Journal,
  type Observed,
  ObservedMessage,
  SuccessMessage,
} from '@seatrial/capsule-plan';
import { type DeviceId, err, ok, parseDeviceId, type Result } from '@seatrial/spec';
import { z } from 'zod';

export interface Snapshot {
  readonly schema: 1;
  readonly devices: readonly SnapshotDevice[];
}

export interface SnapshotDevice {
  readonly device: DeviceId;
  readonly observed: Observed;
  readonly attempt?: Journal['attempt'];
  readonly success?: Journal['success'];
  readonly failures?: Journal['failures'];
}

const DeviceIdText = z.string().transform((text, context): DeviceId => {
  const id = parseDeviceId(text);
  if (id !== undefined) return id;
  context.addIssue({ code: 'custom', message: 'not a device id' });
  return z.NEVER;
});

const SnapshotFile = z.object({
  schema: z.literal(1),
  devices: z.array(
    z.object({
      device: DeviceIdText,
      observed: ObservedMessage,
      attempt: AttemptMessage.exactOptional(),
      success: SuccessMessage.exactOptional(),
      failures: z.array(FailedMessage).exactOptional(),
    }),
  ),
});

const SHOWN = 5;

/** Fails with the first few things that are wrong, each with its place in the file. */
export function parseSnapshot(text: string): Result<Snapshot, readonly string[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return err([error instanceof Error ? error.message : 'not JSON']);
  }
  const parsed = SnapshotFile.safeParse(value);
  if (!parsed.success) return err(complaints(parsed.error.issues));
  const twice = firstDuplicate(parsed.data.devices);
  return twice === undefined ? ok(parsed.data) : err([`${twice} stands here twice`]);
}

function complaints(issues: readonly z.core.$ZodIssue[]): readonly string[] {
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => `${placeOf(path)}: ${message}`);
  return issues.length <= SHOWN ? shown : [...shown, `and ${issues.length - SHOWN} more`];
}

/** `devices[3].observed.bootId`. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '') || 'the file';

function firstDuplicate(devices: Snapshot['devices']): DeviceId | undefined {
  const seen = new Set<DeviceId>();
  return devices.find(({ device }) => seen.size === seen.add(device).size)?.device;
}

/** What the board remembers, as far as the snapshot tells. */
export const journalOf = ({ attempt, success, failures = [] }: SnapshotDevice): Journal => ({
  schema: 1,
  ...(attempt === undefined ? {} : { attempt }),
  ...(success === undefined ? {} : { success }),
  failures,
});
