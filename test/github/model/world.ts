// Everything that this GitHub knows, and where it says so.

import { InvariantError } from '@seatrial/spec';
import type { JsonObject } from '../json.ts';
import type { Account, App, Installation, Team, Token, WebFlow } from './accounts.ts';
import type { Clock } from './clock.ts';
import type { Repository } from './repository.ts';

/** Something happened that webhooks tell. `payload` comes without what every payload has. */
export interface Happening {
  readonly event: string;
  readonly action: string | undefined;
  readonly repository: Repository;
  readonly sender: Account;
  readonly payload: JsonObject;
}

export interface Urls {
  /** Of the API; with /api/v3 for an enterprise server. */
  readonly api: string;
  /** Of the pages, and of git over HTTP. */
  readonly html: string;
}

export class World {
  readonly clock: Clock;
  readonly webFlow: WebFlow;
  readonly accounts = new Map<string, Account>();
  readonly teams: Team[] = [];
  readonly apps: App[] = [];
  readonly installations: Installation[] = [];
  readonly repositories = new Map<string, Repository>();
  readonly tokens = new Map<string, Token>();
  /** Set once the server listens. */
  urls: Urls = { api: 'http://localhost', html: 'http://localhost' };
  tell: (happening: Happening) => void = () => undefined;
  #lastId = 1000;

  constructor(clock: Clock, webFlow: WebFlow) {
    this.clock = clock;
    this.webFlow = webFlow;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The account of that name, made where there is none. */
  account(login: string, kind: Account['kind'] = 'User'): Account {
    const known = this.accounts.get(login.toLowerCase());
    if (known !== undefined) return known;
    const account: Account = { id: this.nextId(), login, kind, createdAtMs: this.clock.nowMs() };
    this.accounts.set(login.toLowerCase(), account);
    return account;
  }

  /** Names are compared without regard to case, as GitHub does. */
  repository(name: string): Repository | undefined {
    return this.repositories.get(name.toLowerCase());
  }

  needRepository(name: string): Repository {
    const repository = this.repository(name);
    if (repository === undefined) throw new InvariantError(`no repository ${name}`);
    return repository;
  }
}
