// UEFI variables in memory, with a budget of NVRAM and a switch that makes them read-only.

import { type EfiVariable, efiVariableFileName } from '@seatrial/capsule-plan';
import { PortError } from '../../src/errors.ts';
import type { EfiVariables, VariableId } from '../../src/ports/efi-variables.ts';
import type { Power } from './power.ts';

export class FakeEfiVariables implements EfiVariables {
  readonly stored = new Map<string, EfiVariable>();
  isWritable = true;
  budgetBytes = 64 * 1024;
  readonly #power: Power;

  constructor(power: Power) {
    this.#power = power;
  }

  async read({ name, guid }: VariableId): Promise<EfiVariable | undefined> {
    return this.stored.get(efiVariableFileName(name, guid));
  }

  async write(id: VariableId, variable: EfiVariable): Promise<void> {
    const key = efiVariableFileName(id.name, id.guid);
    this.#power.point(`before writing ${id.name}`);
    if (!this.isWritable) throw new PortError('efivarfs-read-only', id.name);
    const others = [...this.stored].filter(([stored]) => stored !== key);
    const used = others.reduce((sum, [stored, { value }]) => sum + 2 * stored.length + value.byteLength, 0);
    if (used + 2 * key.length + variable.value.byteLength > this.budgetBytes) {
      throw new PortError('efivarfs-full', id.name);
    }
    this.stored.set(key, variable);
    this.#power.point(`after writing ${id.name}`);
  }

  async remove({ name, guid }: VariableId): Promise<void> {
    this.#power.point(`before removing ${name}`);
    if (!this.isWritable) throw new PortError('efivarfs-read-only', name);
    this.stored.delete(efiVariableFileName(name, guid));
    this.#power.point(`after removing ${name}`);
  }

  async writable(): Promise<boolean> {
    return this.isWritable;
  }
}
