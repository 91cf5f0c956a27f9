// The agent's configuration: what may be written in agent.yaml, its defaults, and nothing that a plan decides.

import { type DeviceId, type Guid, type Millis, millis, parseDeviceId, parseDuration, parseGuid } from '@seatrial/spec';
import { z } from 'zod';

const formed = <T>(form: string, parse: (text: string) => T | undefined) =>
  z.string().transform((text, context): T => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `is not of the form ${form}` });
    return z.NEVER;
  });

/** As in the YAML of a fleet, and milliseconds beside it: `250ms`, `30s`, `15m`. */
export const parseInterval = (text: string): Millis | undefined => {
  const [, digits] = /^(\d{1,9})ms$/.exec(text) ?? [];
  return digits === undefined ? parseDuration(text) : millis(Number(digits));
};

const interval = formed('30s', parseInterval);
const path = z.string().regex(/^\//, 'is not an absolute path');
/** Program and first arguments; the agent's own follow. */
const command = z.array(z.string().min(1)).min(1);

const Broker = z.strictObject({
  /** Tried in turn. */
  urls: z
    .array(
      formed('mqtts://HOST:PORT', text => (/^mqtts?:\/\/[^/]/.test(text) && URL.canParse(text) ? text : undefined)),
    )
    .min(1),
  /** PEM files. Like every path here they lie below `root`. */
  tls: z.strictObject({ ca: path.optional(), cert: path.optional(), key: path.optional() }).optional(),
  username: z.string().optional(),
  passwordFile: path.optional(),
  keepAlive: interval.prefault('60s'),
});

const Paths = z.strictObject({
  /** Survives a reboot: journal, last plan, boot epoch. */
  state: path.prefault('/var/lib/seatrial'),
  /** Lost at reboot: report counter. */
  run: path.prefault('/run/seatrial'),
  downloads: path.prefault('/var/lib/seatrial/downloads'),
  facts: path.prefault('/run/seatrial/facts'),
});

const Commands = z.strictObject({
  ostree: command.prefault(['ostree']),
  systemctl: command.prefault(['systemctl']),
  blessBoot: command.prefault(['/usr/lib/systemd/systemd-bless-boot']),
  chattr: command.prefault(['chattr']),
});

const Intervals = z.strictObject({
  /** How often a board that waits for the world looks at it again. */
  poll: interval.prefault('30s'),
  /** How often a board that has nothing new to tell tells it. */
  heartbeat: interval.prefault('15m'),
  /** The least time between two progress events. */
  progress: interval.prefault('5s'),
  /** The first and the longest pause after a transient failure; the actual one is a random part of it. */
  retryFirst: interval.prefault('1s'),
  retryLongest: interval.prefault('10m'),
  /** A download without a byte for this long is ended and begun again. */
  stall: interval.prefault('60s'),
  /** Between two rounds of health checks. */
  healthRetry: interval.prefault('5s'),
  /** A board that still runs this long after it asked for a reboot asks again. */
  rebootGrace: interval.prefault('10m'),
});

/** Where to look before the first plan has named the board; afterwards the plan's board is used. */
const BoardHints = z.strictObject({
  fwClass: formed<Guid>('78462415-6133-431C-9FAE-48F2BAFD5C71', parseGuid).optional(),
  espMountPoint: path.prefault('/boot'),
  trialVariable: z
    .strictObject({
      name: z.string().prefault('OsTrialBootStatus'),
      guid: formed<Guid>('8BE4DF61-93CA-11D2-AA0D-00E098032B8C', parseGuid).prefault(
        '8BE4DF61-93CA-11D2-AA0D-00E098032B8C',
      ),
    })
    .prefault({}),
});

export const AgentConfig = z.strictObject({
  device: formed<DeviceId>('hub-000001', parseDeviceId),
  /** Every path below is taken relative to it; a virtual board lives in a directory. */
  root: path.prefault('/'),
  broker: Broker.optional(),
  /** Whom to believe. */
  trustRoot: path.prefault('/var/lib/seatrial/root.json'),
  paths: Paths.prefault({}),
  commands: Commands.prefault({}),
  intervals: Intervals.prefault({}),
  board: BoardHints.prefault({}),
  /** Added to the machine's clock. For tests of boards whose clock is wrong. */
  clockOffsetMs: z.int().prefault(0),
});
/** One board's agent. Defaults are filled in. */
export type AgentConfig = z.output<typeof AgentConfig>;
