// All kinds in one total table.

import { z } from 'zod';
import { Approval } from './approval.ts';
import { Board } from './board.ts';
import { DeviceList } from './device-list.ts';
import { Fleet } from './fleet.ts';
import { Release } from './release.ts';
import { TrustRoot } from './trust-root.ts';

export const KINDS = { Board, Release, Fleet, DeviceList, Approval, TrustRoot } as const;

export type Kind = keyof typeof KINDS;
/** A valid document of any kind. */
export type SpecDocument = { [K in Kind]: z.output<(typeof KINDS)[K]> }[Kind];
/** A valid document of one kind. */
export type DocumentOf<K extends Kind> = Extract<SpecDocument, { kind: K }>;

export const KIND_NAMES: readonly Kind[] = ['Board', 'Release', 'Fleet', 'DeviceList', 'Approval', 'TrustRoot'];

export const isKind = (text: string): text is Kind => Object.hasOwn(KINDS, text);

/** Every kind as one schema, told apart by `kind`. */
export const AnyKind = z.discriminatedUnion('kind', [Board, Release, Fleet, DeviceList, Approval, TrustRoot]);
