// A link to a controller that a test plays: it hands over plans and keeps what the board told.

import { type BoardEvent, decodeEvent, decodeReport, type Report } from '@seatrial/capsule-plan';
import type { ControllerLink, LinkHandlers } from '../../src/ports/controller-link.ts';
import { need } from './values.ts';

export class FakeLink implements ControllerLink {
  readonly reports: Report[] = [];
  readonly events: BoardEvent[] = [];
  isUp = true;
  isClosed = false;
  isOpen = false;
  #handlers: LinkHandlers | undefined;

  open(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    this.isOpen = true;
    if (this.isUp) handlers.connected();
  }

  async send(channel: 'report' | 'event', message: Uint8Array): Promise<boolean> {
    if (!this.isUp) return false;
    if (channel === 'report') this.reports.push(readable(decodeReport(message)));
    else this.events.push(readable(decodeEvent(message)));
    return true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  plan(message: Uint8Array): Promise<void> {
    return need(this.#handlers).plan(message);
  }

  reconnect(): void {
    this.isUp = true;
    need(this.#handlers).connected();
  }
}

function readable<T>(decoded: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!decoded.ok) throw new Error('the board told something that nobody can read');
  return decoded.value;
}
