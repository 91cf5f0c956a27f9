// The words of the command line as numbers and tables; what makes no sense is a usage error that says what would.

import {
  FAILURE_KINDS,
  FAULT_KINDS,
  FAULT_PRESETS,
  type FailureKind,
  type FaultKind,
  type FaultPreset,
  type FaultRates,
  isOfBoards,
  type Network,
  USUAL_RATE,
} from '@seatrial/simulator';
import { NETWORK_CLASSES, type NetworkClass, parseRate, parseSize, parseTimestamp } from '@seatrial/spec';
import { CliError } from '../errors.ts';

const usage = (option: string, text: string, wanted: string): CliError =>
  new CliError('usage', `--${option} ${text}: ${wanted}`);

/** A whole number within bounds. */
export function readCount(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usage(option, text, `not a whole number from ${least} to ${most}`);
}

/** `5`, or `unhealthy=5,refused=1`. A number alone is the kind that is meant by it. */
export function readFailures(text: string, meantByNumber: FailureKind): Readonly<Partial<Record<FailureKind, number>>> {
  const alone = readShare(text);
  const shares = alone === undefined ? readPairs('release-failure', text, FAILURE_KINDS) : { [meantByNumber]: alone };
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (sum <= 100) return shares;
  throw usage('release-failure', text, 'more than 100 percent together');
}

/** A preset, or `power=10,offline=30,controller=2`. */
export function readFaults(text: string): FaultRates {
  if (Object.hasOwn(FAULT_PRESETS, text)) return FAULT_PRESETS[text as FaultPreset]; // a key, by the line above
  const names = `one of ${Object.keys(FAULT_PRESETS).join(', ')}`;
  return readPairs('faults', text, FAULT_KINDS, {
    instead: names,
    most: kind => (isOfBoards(kind) ? 100 : MOST_TIMES),
  });
}

const MOST_TIMES = 1_000;

interface PairRules<Kind> {
  /** What else may stand there. */
  readonly instead?: string;
  readonly most?: (kind: Kind) => number;
}

function readPairs<Kind extends FailureKind | FaultKind>(
  option: string,
  text: string,
  kinds: readonly Kind[],
  { instead = 'a number from 0 to 100', most = () => 100 }: PairRules<Kind> = {},
): Partial<Record<Kind, number>> {
  const rates: Partial<Record<Kind, number>> = {};
  for (const pair of text.split(',')) {
    const [, name = '', digits = ''] = /^([a-z-]+)=([\d.]+%?)$/.exec(pair.trim()) ?? [];
    const kind = kinds.find(one => one === name);
    if (kind === undefined) throw usage(option, pair, `give ${instead}, or NAME=NUMBER with ${kinds.join(', ')}`);
    const rate = readShare(digits, most(kind));
    if (rate === undefined) throw usage(option, pair, `not a number from 0 to ${most(kind)}`);
    rates[kind] = rate;
  }
  return rates;
}

const readShare = (text: string, most = 100): number | undefined => {
  const value = /^\d{1,6}(?:\.\d{1,6})?%?$/.test(text) ? Number(text.replace('%', '')) : Number.NaN;
  return value <= most ? value : undefined;
};

/** `wifi` or `wifi:1MiB/s`. */
export function readNetwork(text: string): Network {
  const [word = '', rate] = text.split(':');
  const kind = NETWORK_CLASSES.find((one): one is NetworkClass => one === word);
  if (kind === undefined) throw usage('network', text, `none of ${NETWORK_CLASSES.join(', ')}`);
  const bytesPerSecond = rate === undefined ? USUAL_RATE[kind] : parseRate(rate);
  if (bytesPerSecond === undefined) throw usage('network', text, 'not a rate as in wifi:1MiB/s');
  return { class: kind, bytesPerSecond };
}

export function readSize(option: string, text: string): number {
  const size = parseSize(text);
  if (size === undefined) throw usage(option, text, 'not a size as in 300MiB');
  return size;
}

export function readMoment(option: string, text: string): number {
  const moment = parseTimestamp(text);
  if (moment === undefined) throw usage(option, text, 'not a moment as in 2026-01-05T09:00:00Z');
  return moment;
}
