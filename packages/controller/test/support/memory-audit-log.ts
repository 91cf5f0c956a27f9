// An audit log in memory that can lose the answer to an append, as a connection that breaks at the wrong moment does.

import type { GitCommit } from '@seatrial/spec';
import type { Rollout } from '../../src/domain/rollout.ts';
import { PortError } from '../../src/errors.ts';
import type { AuditHistory, AuditLog, AuditRecord } from '../../src/ports/audit-log.ts';

export class MemoryAuditLog implements AuditLog {
  readonly records: AuditRecord[] = [];
  /** What becomes of the next append. */
  next: 'works' | 'is lost' | 'arrives unheard' = 'works';

  /** Heads are the number of records, as 40 digits. */
  get head(): GitCommit | undefined {
    return this.records.length === 0 ? undefined : headAt(this.records.length);
  }

  async read(since?: GitCommit): Promise<AuditHistory> {
    const rollouts = new Map<string, Rollout>();
    for (const record of this.records) for (const rollout of record.rollouts) rollouts.set(rollout.id, rollout);
    return {
      ...(this.head && { head: this.head }),
      decisions: this.records.slice(Number(since ?? 0)).map(({ decision }) => decision),
      rollouts: [...rollouts.values()],
    };
  }

  async append(head: GitCommit | undefined, records: readonly AuditRecord[]): Promise<GitCommit> {
    const fate = this.next;
    this.next = 'works';
    if (head !== this.head || fate === 'is lost') throw new PortError('audit-unreachable', 'memory');
    this.records.push(...records);
    if (fate === 'arrives unheard') throw new PortError('audit-unreachable', 'memory');
    return headAt(this.records.length);
  }
}

const headAt = (length: number): GitCommit => String(length).padStart(40, '0') as GitCommit;
