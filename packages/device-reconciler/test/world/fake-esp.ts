// An ESP in memory, with a size, a switch that makes it read-only, and a copy that can be cut off half-way.

import { isOurCapsule, type ObservedCapsule } from '@seatrial/capsule-plan';
import { type ByteCount, bytes, InvariantError } from '@seatrial/spec';
import { PortError } from '../../src/errors.ts';
import type { CapsuleDirectory, CapsuleToCopy } from '../../src/ports/capsule-directory.ts';
import { BY_CONTENT, type Measure } from './measure.ts';
import type { Power } from './power.ts';

export class FakeEsp implements CapsuleDirectory {
  readonly files = new Map<string, Uint8Array>();
  isWritable = true;
  sizeBytes = 64 * 1024 * 1024;
  readonly #power: Power;
  readonly #read: (sourcePath: string) => Uint8Array;
  readonly #measure: Measure;

  constructor(power: Power, read: (sourcePath: string) => Uint8Array, measure: Measure = BY_CONTENT) {
    this.#power = power;
    this.#read = read;
    this.#measure = measure;
  }

  async list(): Promise<readonly ObservedCapsule[]> {
    return [...this.files]
      .filter(([fileName]) => fileName.toLowerCase().endsWith('.cap'))
      .map(([fileName, content]) => ({
        fileName,
        sizeBytes: this.#measure.sizeOf(content),
        sha256: this.#measure.digestOf(content),
      }))
      .sort((a, b) => (a.fileName.toUpperCase() < b.fileName.toUpperCase() ? -1 : 1));
  }

  async place({ fileName, sha256, sourcePath }: CapsuleToCopy): Promise<void> {
    if (!isOurCapsule({ fileName })) throw new InvariantError(fileName);
    this.#power.point(`before copying ${fileName}`);
    this.#requireWritable(fileName);
    this.#dropTemporaries();
    const content = this.#read(sourcePath);
    if (this.#measure.digestOf(content) !== sha256) throw new PortError('artifact-corrupt', sourcePath);
    if (this.#measure.sizeOf(content) > this.#room()) throw new PortError('esp-full', fileName);
    const beside = fileName.replace(/\.cap$/, '.tmp');
    this.files.set(beside, content.subarray(0, content.byteLength / 2));
    this.#power.point(`while copying ${fileName}`);
    this.files.set(beside, content);
    this.#power.point(`before renaming ${fileName}`);
    this.files.delete(beside);
    this.files.set(fileName, content);
    this.#power.point(`after renaming ${fileName}`);
  }

  async remove(fileName: string): Promise<void> {
    if (!isOurCapsule({ fileName })) throw new InvariantError(fileName);
    this.#power.point(`before removing ${fileName}`);
    this.#requireWritable(fileName);
    this.files.delete(fileName);
    this.#dropTemporaries();
    this.#power.point(`after removing ${fileName}`);
  }

  async writable(): Promise<boolean> {
    return this.isWritable;
  }

  async freeBytes(): Promise<ByteCount> {
    const temporary = [...this.files].filter(([name]) => name.endsWith('.tmp'));
    return bytes(this.#room() + temporary.reduce((sum, [, content]) => sum + this.#measure.sizeOf(content), 0));
  }

  #room(): number {
    return this.sizeBytes - [...this.files.values()].reduce((sum, content) => sum + this.#measure.sizeOf(content), 0);
  }

  #dropTemporaries(): void {
    for (const name of this.files.keys()) if (name.endsWith('.tmp')) this.files.delete(name);
  }

  #requireWritable(fileName: string): void {
    if (!this.isWritable) throw new PortError('esp-read-only', fileName);
  }
}
