// The port to the agent's log: one line per event, for people and for journald.

export type LogLevel = 'info' | 'warning' | 'error';

export interface Log {
  /** Never holds a secret. */
  write(level: LogLevel, message: string): void;
}
