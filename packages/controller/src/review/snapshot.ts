// The file that `seatrial snapshot` writes and reviews read: what each board was last seen to be, and what it remembers.

import {
  AttemptMessage,
  FailedMessage,
  type Journal,
  type Observed,
  ObservedMessage,
  SuccessMessage,
} from '@seatrial/capsule-plan';
import {
  type DeviceId,
  err,
  type GitCommit,
  type Millis,
  millis,
  ok,
  parseDeviceId,
  parseGitCommit,
  type Result,
} from '@seatrial/spec';
import { z } from 'zod';

/** What a snapshot says of itself; older files say nothing. */
export interface SnapshotHeader {
  /** The repository that the controller follows, without credentials. */
  readonly repository?: string;
  /** The commit that was in force. */
  readonly gitCommit?: GitCommit;
  readonly takenAtMs?: Millis;
}

export interface Snapshot extends SnapshotHeader {
  readonly schema: 1;
  readonly devices: readonly SnapshotDevice[];
}

export interface SnapshotDevice {
  readonly device: DeviceId;
  readonly observed: Observed;
  readonly attempt?: Journal['attempt'];
  readonly success?: Journal['success'];
  readonly failures?: Journal['failures'];
  /** The controller had given up waiting for it; false and absent are the same. */
  readonly unreachable?: boolean;
}

/** A snapshot of which boards are decoded only when they are asked for. */
export interface ObservedFleet extends SnapshotHeader {
  /** How many boards it holds. */
  readonly size: number;
  /** Undefined for a board that is not in it. */
  readonly device: (id: DeviceId) => SnapshotDevice | undefined;
}

const formed = <T>(parse: (text: string) => T | undefined, message: string) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const HEADER = {
  schema: z.literal(1),
  repository: z.string().max(2_048).exactOptional(),
  gitCommit: formed<GitCommit>(parseGitCommit, 'not a commit id').exactOptional(),
  takenAtMs: z.int().min(0).max(8.64e15).transform(millis).exactOptional(),
};

export const SnapshotHeaderFile = z.object(HEADER);

export const SnapshotDeviceFile: z.ZodType<SnapshotDevice> = z.object({
  device: formed<DeviceId>(parseDeviceId, 'not a device id'),
  observed: ObservedMessage,
  attempt: AttemptMessage.exactOptional(),
  success: SuccessMessage.exactOptional(),
  failures: z.array(FailedMessage).exactOptional(),
  unreachable: z.boolean().exactOptional(),
});

const SnapshotFile = z.object({ ...HEADER, devices: z.array(SnapshotDeviceFile) });

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
  if (!parsed.success) return err(complaintsOf(parsed.error.issues));
  const twice = firstDuplicate(parsed.data.devices);
  return twice === undefined ? ok(parsed.data) : err([standsTwice(twice)]);
}

/** What a schema says against a snapshot; `within` is where in the file the value lies. */
export function complaintsOf(
  issues: readonly z.core.$ZodIssue[],
  within: readonly PropertyKey[] = [],
): readonly string[] {
  const shown = issues.slice(0, SHOWN).map(({ path, message }) => `${placeOf([...within, ...path])}: ${message}`);
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

export const standsTwice = (device: string): string => `${device} stands here twice`;

/** A snapshot that is decoded as a whole already. */
export function observedFleet({ devices, schema: _schema, ...header }: Snapshot): ObservedFleet {
  const byId = new Map(devices.map(device => [device.device, device]));
  return { ...header, size: devices.length, device: id => byId.get(id) };
}

/** What the board remembers, as far as the snapshot tells. */
export const journalOf = ({ attempt, success, failures = [] }: SnapshotDevice): Journal => ({
  schema: 1,
  ...(attempt === undefined ? {} : { attempt }),
  ...(success === undefined ? {} : { success }),
  failures,
});
