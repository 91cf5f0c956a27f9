// The gates of a fleet, held against a board's facts. A fact that is asked for and not known keeps its gate closed.

import type { Policy } from '@seatrial/spec';
import type { GateFacts } from './observed.ts';
import type { GateName } from './step.ts';

type Gates = Policy['gates'];

export interface ClosedGate {
  readonly gate: GateName;
  /** What is asked for and what is seen, in one sentence. */
  readonly message: string;
}

/** A gate's complaint, or undefined where it is open or not asked for. */
type Rule = (gates: Gates, facts: GateFacts) => string | undefined;

const RULES = {
  battery: ({ battery }, facts) =>
    below('battery', facts.batteryPercent, battery?.minPercent, '%') ??
    below('battery', facts.batteryVolts, battery?.minVolts, ' V'),
  parked: (gates, { parked }) => missing('parked', gates.parked, parked),
  charging: (gates, { charging }) => missing('charging', gates.charging, charging),
  network: ({ network }, facts) => wrongNetwork(network, facts),
  maintenanceMode: (gates, { maintenanceMode }) =>
    missing('in maintenance mode', gates.maintenanceMode, maintenanceMode),
  consent: (gates, { consent }) => missing('consented to', gates.consent === 'required', consent),
} satisfies Record<GateName, Rule>;

const GATES = Object.keys(RULES) as readonly GateName[]; // the keys of RULES are GateName by the line above

/** Every closed gate, in the order in which they are explained. */
export const closedGates = (gates: Gates, facts: GateFacts): readonly ClosedGate[] =>
  GATES.flatMap(gate => {
    const message = RULES[gate](gates, facts);
    return message === undefined ? [] : [{ gate, message }];
  });

/** May the board fetch over the network it is on? */
export const mayDownload = ({ download }: Policy, facts: GateFacts): boolean =>
  wrongNetwork(download.networks, facts) === undefined;

/** Facts under which every gate is open: what a preview waits for. */
export const openFacts = (gates: Gates, facts: GateFacts): GateFacts => ({
  ...facts,
  ...(gates.battery?.minPercent === undefined
    ? {}
    : { batteryPercent: Math.max(gates.battery.minPercent, facts.batteryPercent ?? 0) }),
  ...(gates.battery?.minVolts === undefined
    ? {}
    : { batteryVolts: Math.max(gates.battery.minVolts, facts.batteryVolts ?? 0) }),
  ...(gates.parked ? { parked: true } : {}),
  ...(gates.charging ? { charging: true } : {}),
  ...(gates.maintenanceMode ? { maintenanceMode: true } : {}),
  ...(gates.consent === 'required' ? { consent: true } : {}),
  ...onNetwork(gates.network, facts),
});

export const onNetwork = (allowed: Gates['network'], facts: GateFacts): Pick<GateFacts, 'network'> => {
  const [first] = allowed === 'any' ? [] : allowed;
  return first === undefined || wrongNetwork(allowed, facts) === undefined ? {} : { network: first };
};

const missing = (what: string, required: boolean, fact: boolean | undefined): string | undefined => {
  if (!required || fact === true) return undefined;
  return fact === undefined ? `whether the board is ${what} is not known` : `the board is not ${what}`;
};

const below = (
  what: string,
  value: number | undefined,
  least: number | undefined,
  unit: string,
): string | undefined => {
  if (least === undefined || (value !== undefined && value >= least)) return undefined;
  return `${what} is ${value === undefined ? 'not known' : `${value}${unit}`}, at least ${least}${unit} is asked for`;
};

const wrongNetwork = (allowed: Gates['network'], { network }: GateFacts): string | undefined => {
  if (allowed === 'any' || (network !== undefined && allowed.includes(network))) return undefined;
  return `the network is ${network ?? 'not known'}, ${allowed.join(' or ')} is asked for`;
};
