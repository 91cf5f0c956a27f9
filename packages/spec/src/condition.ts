// Status conditions with the Kubernetes meaning of type, status, reason and lastTransitionTime.

import type { Millis } from './units.ts';

export type ConditionType = 'Ready' | 'Reconciling' | 'Stalled';
export type ConditionStatus = 'True' | 'False' | 'Unknown';

export interface Condition {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  /** One CamelCase word that scripts may test. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  /** When `status` last changed; a new reason or message alone does not move it. */
  readonly lastTransitionTime: Millis;
}

const ORDER: readonly ConditionType[] = ['Ready', 'Reconciling', 'Stalled'];

/** The conditions with one set; `Reconciling` and `Stalled` are never both True, and the order is fixed for readers. */
export function setCondition(
  conditions: readonly Condition[],
  next: Omit<Condition, 'lastTransitionTime'>,
  now: Millis,
): readonly Condition[] {
  const previous = conditions.find(condition => condition.type === next.type);
  const lastTransitionTime = previous?.status === next.status ? previous.lastTransitionTime : now;
  const excluded = next.status === 'True' ? excludes(next.type) : undefined;
  const others = conditions.filter(condition => condition.type !== next.type && condition.type !== excluded);
  return [...others, { ...next, lastTransitionTime }].sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
}

const excludes = (type: ConditionType): ConditionType | undefined =>
  (({ Ready: undefined, Reconciling: 'Stalled', Stalled: 'Reconciling' }) as const)[type];
