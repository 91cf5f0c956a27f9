// Every way in which a virtual board, or a tool around it, says no: a closed union of codes with cause and remedy.

interface VirtualBoardErrorEntry {
  readonly cause: string;
  readonly remedy: string;
}

export const VIRTUAL_BOARD_ERRORS = {
  BOARD_EXISTS: {
    cause: 'The directory of a new board is not empty.',
    remedy: 'Open the board that is in it, or name another directory.',
  },
  BOARD_UNREADABLE: {
    cause: 'The directory holds no virtual board, or one of another version.',
    remedy: 'Create the board again.',
  },
  OSTREE_MISSING: { cause: 'There is no ostree command.', remedy: 'Install it: apt-get install ostree.' },
  OSTREE_FAILED: { cause: 'The ostree command failed.', remedy: 'Read its own words in the message.' },
  FAULT_NEEDS_ROOT: {
    cause: 'A directory that is full or read-only for root needs a mount, which needs privileges.',
    remedy: 'Run as root, or leave this fault out.',
  },
  FAULT_NEEDS_STRACE: { cause: 'There is no strace command.', remedy: 'Install it: apt-get install strace.' },
  BOARD_IS_OFF: { cause: 'A command was sent to a board that is not running an OS.', remedy: 'Power it on first.' },
  MOMENT_MISSED: { cause: 'The awaited moment did not come in time.', remedy: 'Look at the console log of the board.' },
} as const satisfies Readonly<Record<string, VirtualBoardErrorEntry>>;

export type VirtualBoardErrorCode = keyof typeof VIRTUAL_BOARD_ERRORS;

/** The one error that this package throws; `detail` is for people. */
export class VirtualBoardError extends Error {
  override readonly name = 'VirtualBoardError';
  readonly code: VirtualBoardErrorCode;

  constructor(code: VirtualBoardErrorCode, detail: string, options?: ErrorOptions) {
    super(`${VIRTUAL_BOARD_ERRORS[code].cause} ${detail}`, options);
    this.code = code;
  }
}
