// One line of the story for what happens to a board; most of what happens is left out.

import { type BoardEvent, tellFirmwareEvent } from '@seatrial/virtual-board';
import { announcedStep } from './power-cuts.ts';

export function boardLine(event: BoardEvent): string | undefined {
  const step = announcedStep(event);
  if (step !== undefined) return step;
  switch (event.kind) {
    case 'firmware-acted':
      return `firmware: ${tellFirmwareEvent(event.action)}`;
    case 'booted':
      return `boots ${event.commit.slice(0, 10)} from ${event.fileName}`;
    case 'system-dead':
      return `the OS is dead (${event.how})`;
    default:
      return undefined;
  }
}
