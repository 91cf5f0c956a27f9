// The journal on the disk: read before every decision, written before every act that it speaks of.

import { decodeJournal, EMPTY_JOURNAL, encodeJournal, type Journal } from '@seatrial/capsule-plan';
import { AGENT_ERRORS } from '../errors.ts';
import type { Ports } from '../ports/ports.ts';

type Needs = Pick<Ports, 'records' | 'log'>;

/** For looking only: an unreadable journal stays where it is, and reads as an empty one. */
export async function readJournal({ records }: Pick<Ports, 'records'>): Promise<Journal> {
  const text = await records.read('journal');
  return (text === undefined ? undefined : journalOf(text, records)) ?? EMPTY_JOURNAL;
}

/** An unreadable journal is set aside, and the board goes on by what it can see. */
export async function loadJournal({ records, log }: Needs): Promise<Journal> {
  const text = await records.read('journal');
  if (text === undefined) return EMPTY_JOURNAL;
  const journal = journalOf(text, records);
  if (journal !== undefined) return journal;
  const aside = await records.setAside('journal');
  log.write('error', `journal-corrupt: ${AGENT_ERRORS['journal-corrupt'].cause} It is now ${aside}.`);
  return EMPTY_JOURNAL;
}

/** Writes only what differs: a board that learned nothing writes nothing. Returns when it is on the disk. */
export async function keepJournal({ records }: Needs, next: Journal, previous: Journal): Promise<void> {
  if (next === previous) return;
  const text = textOf(next);
  if (text !== textOf(previous)) await records.write('journal', text);
}

/** What was decoded last, by where it was read: the same text is read before every decision, and is the same journal. */
const decoded = new WeakMap<Ports['records'], { readonly text: string; readonly journal: Journal }>();

function journalOf(text: string, records: Ports['records']): Journal | undefined {
  const before = decoded.get(records);
  if (before?.text === text) return before.journal;
  const journal = decodeJournal(new TextEncoder().encode(text));
  if (journal !== undefined) decoded.set(records, { text, journal });
  return journal;
}

const textOf = (journal: Journal): string => new TextDecoder().decode(encodeJournal(journal));
