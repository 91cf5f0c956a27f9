// Which plan the board follows: takes messages, refuses what it may not act on, and keeps what it accepted.

import {
  EARLIEST_PLAUSIBLE_MS,
  openPlan,
  type Plan,
  type PlanRefusal,
  type RefusedMessages,
  sameAttempt,
} from '@seatrial/capsule-plan';
import { type DeviceId, type Generation, millis, parseGeneration, type SigningRole } from '@seatrial/spec';
import { AGENT_ERRORS, PortError } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';
import type { TrustSource } from '../ports/trust-source.ts';

export interface PlanIntakeOptions {
  readonly device: DeviceId;
  readonly trust: TrustSource;
  readonly ports: Pick<Ports, 'records' | 'timer' | 'log'>;
}

export type PlanOffer =
  | { readonly kind: 'accepted'; readonly plan: Plan }
  /** The plan that the board has already. */
  | { readonly kind: 'known' }
  /** The topic was cleared: nobody asks for anything new, and the board keeps to what it has. */
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'refused'; readonly why: PlanRefusal };

export interface PlanIntake {
  /** The plan that was accepted last; undefined before the first. */
  current(): Plan | undefined;
  /** The same object until another message is refused. */
  refused(): RefusedMessages;
  /** When this resolves, an accepted plan is on the disk. Fails with `store-io`, `disk-full`, `trust-missing`, `trust-malformed`. */
  offer(message: Uint8Array): Promise<PlanOffer>;
}

/**
 * The record `last-plan`: the generation stands beside the message, so that it outlives the key that signed it, and the
 * device, because generations are counted for each: under another name the board has seen none.
 */
interface Kept {
  readonly schema: 1;
  readonly device: string;
  readonly generation: number;
  readonly message: string;
}

export async function planIntake(options: PlanIntakeOptions): Promise<PlanIntake> {
  const { ports, device, trust } = options;
  const kept = await loadKept(options);
  let seen = kept === undefined ? undefined : parseGeneration(kept.generation);
  let current = kept === undefined ? undefined : await reopen(kept, options);
  let counts: RefusedMessages = {};

  const refuse = (why: PlanRefusal): PlanOffer => {
    counts = { ...counts, [why]: (counts[why] ?? 0) + 1 };
    ports.log.write('warning', `plan-${why}: ${AGENT_ERRORS[`plan-${why}`].cause}`);
    return { kind: 'refused', why };
  };

  const accept = async (plan: Plan, message: Uint8Array): Promise<PlanOffer> => {
    const text = new TextDecoder().decode(message);
    const record: Kept = { schema: 1, device, generation: plan.generation, message: text };
    await ports.records.write('last-plan', JSON.stringify(record));
    seen = plan.generation;
    current = plan;
    return { kind: 'accepted', plan };
  };

  return {
    current: () => current,
    refused: () => counts,
    offer: async message => {
      if (message.byteLength === 0) return { kind: 'withdrawn' };
      const controller = await trust.controller();
      const opened = openPlan(message, { device, controller, nowMs: ports.timer.now(), ...seenOf(seen) });
      if (!opened.ok) return refuse(opened.error);
      const plan = opened.value;
      if (current === undefined || plan.generation !== seen) return accept(plan, message);
      if (!sameAttempt(plan, current)) return refuse('old-generation');
      // The same thing under the same number: only its time or policy may have been renewed.
      return JSON.stringify(plan) === JSON.stringify(current) ? { kind: 'known' } : accept(plan, message);
    },
  };
}

/** A clock that was never set can not tell. */
export const isExpired = (plan: Plan, nowMs: number): boolean =>
  nowMs >= EARLIEST_PLAUSIBLE_MS && plan.expiresAtMs <= nowMs;

const seenOf = (seen: Generation | undefined): { seenGeneration?: Generation } =>
  seen === undefined ? {} : { seenGeneration: seen };

/** Signed by somebody who is believed today; whether its time is over is asked at every pass. */
async function reopen({ message }: Kept, { device, trust, ports }: PlanIntakeOptions): Promise<Plan | undefined> {
  const controller = await trustedController(trust, ports);
  if (controller === undefined) return undefined;
  const opened = openPlan(new TextEncoder().encode(message), { device, controller, nowMs: millis(0) });
  if (opened.ok) return opened.value;
  ports.log.write('warning', `plan-${opened.error}: the plan that was accepted before is not believed any more`);
  return undefined;
}

async function trustedController(
  trust: TrustSource,
  { log }: PlanIntakeOptions['ports'],
): Promise<SigningRole | undefined> {
  try {
    return await trust.controller();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    log.write('error', `${error.code}: ${error.message}`);
    return undefined;
  }
}

async function loadKept({ device, ports: { records, log } }: PlanIntakeOptions): Promise<Kept | undefined> {
  const text = await records.read('last-plan');
  if (text === undefined) return undefined;
  const kept = parseKept(text);
  if (kept?.device === device) return kept;
  if (kept !== undefined) {
    log.write('warning', `the last plan was for ${kept.device}: this board has another name now`);
    return undefined;
  }
  log.write('error', `record-corrupt: the last plan is now ${await records.setAside('last-plan')}`);
  return undefined;
}

function parseKept(text: string): Kept | undefined {
  try {
    const { schema, device, generation, message } = JSON.parse(text) ?? {};
    const isWhole = typeof device === 'string' && typeof generation === 'number' && typeof message === 'string';
    return schema === 1 && isWhole ? { schema, device, generation, message } : undefined;
  } catch {
    return undefined;
  }
}
