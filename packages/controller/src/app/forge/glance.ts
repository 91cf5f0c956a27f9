// What one look asks of the forge about pull requests and people, each thing once, however many fleets want to know it.

import type { Forge, PullRequest, Review } from '../../ports/forge.ts';

export class ForgeGlance {
  readonly #forge: Forge;
  readonly #reviews = new Map<number, Promise<readonly Review[]>>();
  readonly #members = new Map<string, Promise<boolean>>();
  #open: Promise<readonly PullRequest[]> | undefined;

  constructor(forge: Forge) {
    this.#forge = forge;
  }

  open(): Promise<readonly PullRequest[]> {
    this.#open ??= this.#forge.pullRequests();
    return this.#open;
  }

  reviews(number: number): Promise<readonly Review[]> {
    const asked = this.#reviews.get(number) ?? this.#forge.reviews(number);
    this.#reviews.set(number, asked);
    return asked;
  }

  isMember(team: string, login: string): Promise<boolean> {
    const key = `${team} ${login}`;
    const asked = this.#members.get(key) ?? this.#forge.isMember(team, login);
    this.#members.set(key, asked);
    return asked;
  }
}
