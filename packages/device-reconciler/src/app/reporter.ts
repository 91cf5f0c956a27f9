// Tells the controller: reports when there is something new or when one is due, events as steps begin and end.

import { type BoardEvent, describeStep, encodeEvent, encodeReport, type Step } from '@seatrial/capsule-plan';
import type { DeviceId } from '@seatrial/spec';
import { type Gist, gistOf, isSameGist, isSameTellable } from '../domain/gist.ts';
import type { PassNews } from '../domain/pass-result.ts';
import { reportOf, type Tellable } from '../domain/report.ts';
import type { PortError } from '../errors.ts';
import type { ControllerLink } from '../ports/controller-link.ts';
import type { Ports } from '../ports/ports.ts';
import { nextSequence } from './report-sequence.ts';

const LONGEST_MESSAGE = 1_024;

export interface ReporterOptions {
  readonly device: DeviceId;
  readonly agentVersion: string;
  readonly link: ControllerLink;
  readonly ports: Pick<Ports, 'records' | 'timer' | 'log'>;
  /** The least time between two progress events. */
  readonly progressMs: number;
}

export interface Reporter {
  /** Sends nothing that was sent before, unless it is due. Never fails: what could not be sent is sent next time. */
  report(tellable: Tellable, options: { readonly due: boolean }): Promise<void>;
  event(news: PassNews): Promise<void>;
  /** A failure of the look itself: there is no step to tell of, and perhaps nothing to report. */
  trouble(error: PortError): Promise<void>;
}

export function reporter({ device, agentVersion, link, ports, progressMs }: ReporterOptions): Reporter {
  const { timer, log } = ports;
  let told: Gist | undefined;
  /** What the gist was taken from. */
  let toldOf: Tellable | undefined;
  let numbering: Promise<unknown> = Promise.resolve();
  let lastSequence = 0;
  let progressAtMs = Number.NEGATIVE_INFINITY;

  const send = async (tellable: Tellable): Promise<boolean> => {
    // One number after the other: two reports at once must not get the same.
    const number = numbering.then(() => nextSequence(ports, { device, bootId: tellable.observed.bootId }));
    numbering = number.catch(() => undefined);
    lastSequence = Math.max(await number, lastSequence + 1);
    const report = reportOf(tellable, { device, agentVersion, sequence: lastSequence, sentAtMs: timer.now() });
    return link.send('report', encodeReport(report));
  };

  const sendEvent = async (told: Told): Promise<void> => {
    await link.send('event', encodeEvent({ ...told, schema: 1, device, atMs: timer.now() }));
  };

  return {
    trouble: error => sendEvent({ step: 'wait', state: 'failed', message: messageOf(error) }),
    report: async (tellable, { due }) => {
      if (!due && told !== undefined && toldOf !== undefined && isSameTellable(tellable, toldOf)) return;
      toldOf = tellable;
      const gist = gistOf(tellable);
      if (!due && told !== undefined && isSameGist(gist, told)) return;
      told = gist;
      const taken = await send(tellable).catch((error: unknown) => {
        log.write('warning', `a report was not sent: ${String(error)}`);
        return false;
      });
      if (!taken && told === gist) told = undefined;
    },
    event: async news => {
      if (news.kind === 'progress') {
        if (timer.monotonic() - progressAtMs < progressMs) return;
        progressAtMs = timer.monotonic();
      }
      await sendEvent(eventOf(news));
    },
  };
}

type Told = Omit<BoardEvent, 'schema' | 'device' | 'atMs'>;

function eventOf(news: PassNews): Told {
  const base = (step: Step): Pick<Told, 'step' | 'state'> => ({ step: step.kind, state: news.kind });
  switch (news.kind) {
    case 'started':
    case 'done':
      return { ...base(news.step), message: describeStep(news.step) };
    case 'progress':
      return {
        ...base(news.step),
        message: describeStep(news.step),
        progress: { done: news.done, total: news.total, unit: news.unit },
      };
    case 'failed':
      return { ...base(news.step), message: messageOf(news.error) };
  }
}

const messageOf = ({ code, message }: PortError): string => `${code}: ${message}`.slice(0, LONGEST_MESSAGE);
