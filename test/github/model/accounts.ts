// Who there is: people, organisations with their teams, apps' bots; and how they prove who they are.

import type { KeyObject } from 'node:crypto';
import type { Signer } from '../git/ssh-signature.ts';

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly kind: 'User' | 'Organization' | 'Bot';
  readonly createdAtMs: number;
}

export interface Team {
  readonly id: number;
  readonly slug: string;
  readonly organization: Account;
  readonly members: Map<string, { readonly role: 'member' | 'maintainer'; readonly state: 'active' | 'pending' }>;
}

/** What an app may do, as in `app-permissions`: `checks`, `contents`, `members` and so on. */
export type Permissions = Readonly<Record<string, 'read' | 'write' | 'admin'>>;

export interface App {
  readonly id: number;
  readonly clientId: string;
  readonly slug: string;
  readonly name: string;
  readonly owner: Account;
  readonly bot: Account;
  readonly publicKey: KeyObject;
  readonly createdAtMs: number;
  permissions: Permissions;
  events: readonly string[];
  readonly hook: { readonly id: number; url: string | undefined; secret: string };
}

export interface Installation {
  readonly id: number;
  readonly app: App;
  readonly account: Account;
  /** Of the account; all of them when absent. */
  repositories: ReadonlySet<string> | undefined;
  suspended: boolean;
  readonly createdAtMs: number;
}

/** What a token stands for. */
export type Token =
  | {
      readonly kind: 'installation';
      readonly installation: Installation;
      readonly permissions: Permissions;
      /** Full names; undefined for all of the installation. */
      readonly repositories: ReadonlySet<string> | undefined;
      readonly expiresAtMs: number;
    }
  | {
      readonly kind: 'personal';
      readonly user: Account;
      /** Absent for a classic token, which may do what its owner may. */
      readonly permissions: Permissions | undefined;
    };

/** Who asks. */
export type Actor = Token | { readonly kind: 'app'; readonly app: App } | { readonly kind: 'nobody' };

/** GitHub's own key, for what is written in its web pages or by an app. */
export interface WebFlow {
  readonly sign: Signer;
  readonly publicKey: KeyObject;
}
