// The port to the few records that an agent keeps.

/** journal, last-plan, lifecycle, boot-epoch survive a reboot; report-counter does not. */
export type RecordName = 'journal' | 'last-plan' | 'lifecycle' | 'boot-epoch' | 'report-counter';

export interface RecordStore {
  /** Undefined where there is none. Fails with `store-io`. */
  read(name: RecordName): Promise<string | undefined>;
  /** Replaces the record as a whole and returns when it is on the disk. Fails with `disk-full`, `store-io`. */
  write(name: RecordName, text: string): Promise<void>;
  /** Puts an unreadable record out of the way without losing it, and says where it is now. */
  setAside(name: RecordName): Promise<string>;
}
