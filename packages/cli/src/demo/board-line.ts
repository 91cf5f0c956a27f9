// One line of the story for what happens to a board; most of what happens is left out.

import { type BoardEvent, tellFirmwareEvent } from '@seatrial/virtual-board';
import { announcedStep } from './power-cuts.ts';

export function boardLine(event: BoardEvent): string | undefined {
  if (event.kind === 'firmware-acted') return `firmware: ${tellFirmwareEvent(event.action)}`;
  if (event.kind === 'booted') return `boots ${event.commit.slice(0, 10)} from ${event.fileName}`;
  if (event.kind === 'system-dead') return `the OS is dead (${event.how})`;
  return announcedStep(event);
}
