// Observed state and journals as files: what a board keeps over a power cut, and what a fleet's snapshot holds.

import type { Journal } from '../plan/journal.ts';
import type { Observed } from '../plan/observed.ts';
import { JournalMessage, ObservedMessage, observedForm } from './observed-message.ts';
import { jsonReader, toJsonBytes } from './scalars.ts';

export const encodeObserved = (observed: Observed): Uint8Array => toJsonBytes(observedForm(observed));
/** Undefined for bytes that are not an observed state. */
export const decodeObserved: (data: Uint8Array) => Observed | undefined = jsonReader(ObservedMessage);

export const encodeJournal = (journal: Journal): Uint8Array => toJsonBytes(journal);
/** Undefined for bytes that are not a journal of this schema. */
export const decodeJournal: (data: Uint8Array) => Journal | undefined = jsonReader(JournalMessage);
