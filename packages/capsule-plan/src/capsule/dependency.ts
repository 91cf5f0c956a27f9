// Dependency expressions as byte code (EFI_FIRMWARE_IMAGE_DEP, UEFI 2.11 section 23.2): read, written and evaluated.

import { assertNever, err, type Guid, ok, type Result } from '@seatrial/spec';
import { guid, u8, u32 } from '../bytes/fields.ts';
import { ByteReader } from '../bytes/reader.ts';
import { ByteWriter } from '../bytes/writer.ts';
import { type CapsuleError, capsuleError } from './errors.ts';

export const DEPENDENCY_OPERATORS = {
  AND: 0x03,
  OR: 0x04,
  NOT: 0x05,
  TRUE: 0x06,
  FALSE: 0x07,
  '==': 0x08,
  '>': 0x09,
  '>=': 0x0a,
  '<': 0x0b,
  '<=': 0x0c,
} as const;
export type DependencyOperator = keyof typeof DEPENDENCY_OPERATORS;

/** One instruction of the stack machine; the end mark is implied. */
export type DependencyStep =
  | { readonly kind: 'guid'; readonly guid: Guid }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'operator'; readonly operator: DependencyOperator };

const PUSH_GUID = 0x00;
const PUSH_VERSION = 0x01;
const DECLARE_TEXT = 0x02;
const END = 0x0d;
/** Far above any real expression; keeps a hostile one from being read without bound. */
export const MAX_DEPENDENCY_BYTES = 64 * 1024;

const OPERATOR_OF = new Map<number, DependencyOperator>(
  // Object.entries forgets the key type that the table above fixes.
  Object.entries(DEPENDENCY_OPERATORS).map(([name, code]) => [code, name as DependencyOperator]),
);

export interface Dependency {
  readonly steps: readonly DependencyStep[];
  /** With the end mark. */
  readonly sizeBytes: number;
}

/** Reads an expression from the start of `bytes`. Fails with PAYLOAD_DEPENDENCY. */
export function readDependency(bytes: Uint8Array): Result<Dependency, CapsuleError> {
  const reader = new ByteReader(bytes.subarray(0, MAX_DEPENDENCY_BYTES));
  const steps: DependencyStep[] = [];
  for (;;) {
    const opcode = reader.read(u8);
    if (opcode === END) return ok({ steps, sizeBytes: reader.offset });
    const step = opcode === undefined ? undefined : readStep(opcode, reader);
    if (step === undefined) return err(capsuleError('PAYLOAD_DEPENDENCY', `byte ${reader.offset} of the expression`));
    steps.push(step);
  }
}

function readStep(opcode: number, reader: ByteReader): DependencyStep | undefined {
  if (opcode === PUSH_GUID) {
    const value = reader.read(guid);
    return value === undefined ? undefined : { kind: 'guid', guid: value };
  }
  if (opcode === PUSH_VERSION) {
    const version = reader.read(u32);
    return version === undefined ? undefined : { kind: 'version', version };
  }
  if (opcode === DECLARE_TEXT) {
    const text = reader.takeUntil(0);
    return text === undefined ? undefined : { kind: 'text', text: Buffer.from(text).toString('latin1') };
  }
  const operator = OPERATOR_OF.get(opcode);
  return operator === undefined ? undefined : { kind: 'operator', operator };
}

/** The byte code with its end mark. */
export function writeDependency(steps: readonly DependencyStep[]): Uint8Array {
  const writer = new ByteWriter();
  for (const step of steps) writeStep(writer, step);
  return writer.write(u8, END).toBytes();
}

function writeStep(writer: ByteWriter, step: DependencyStep): void {
  switch (step.kind) {
    case 'guid':
      writer.write(u8, PUSH_GUID).write(guid, step.guid);
      return;
    case 'version':
      writer.write(u8, PUSH_VERSION).write(u32, step.version);
      return;
    case 'text':
      writer.write(u8, DECLARE_TEXT).append(Buffer.from(`${step.text}\0`, 'latin1'));
      return;
    case 'operator':
      writer.write(u8, DEPENDENCY_OPERATORS[step.operator]);
      return;
    default:
      assertNever(step);
  }
}

type StackValue = number | boolean;

/**
 * The truth of an expression, given the installed version of each firmware class. Undefined for a malformed one and
 * where it names a firmware that the board does not have: firmware answers both with "unsatisfied" (edk2 FmpDependencyLib).
 */
export function evaluateDependency(
  steps: readonly DependencyStep[],
  versionOf: (fwClass: Guid) => number | undefined,
): boolean | undefined {
  const stack: StackValue[] = [];
  for (const step of steps) {
    if (step.kind === 'text') continue;
    const value = step.kind === 'operator' ? operate(step.operator, stack) : operand(step, versionOf);
    if (value === undefined) return undefined;
    stack.push(value);
  }
  const [result, ...rest] = stack;
  return rest.length === 0 && typeof result === 'boolean' ? result : undefined;
}

const operand = (
  step: Extract<DependencyStep, { kind: 'guid' | 'version' }>,
  versionOf: (fwClass: Guid) => number | undefined,
): number | undefined => (step.kind === 'guid' ? versionOf(step.guid) : step.version);

type Comparison = Exclude<DependencyOperator, 'AND' | 'OR' | 'NOT' | 'TRUE' | 'FALSE'>;
/** The operand pushed last (the GUID's version) stands on the left. */
const COMPARE = {
  '==': (left, right) => left === right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
} as const satisfies Record<Comparison, (left: number, right: number) => boolean>;

function operate(operator: DependencyOperator, stack: StackValue[]): boolean | undefined {
  if (operator === 'TRUE' || operator === 'FALSE') return operator === 'TRUE';
  const first = stack.pop();
  if (operator === 'NOT') return typeof first === 'boolean' ? !first : undefined;
  const second = stack.pop();
  if (operator === 'AND' || operator === 'OR') {
    if (typeof first !== 'boolean' || typeof second !== 'boolean') return undefined;
    return operator === 'AND' ? first && second : first || second;
  }
  if (typeof first !== 'number' || typeof second !== 'number') return undefined;
  return COMPARE[operator](first, second);
}
