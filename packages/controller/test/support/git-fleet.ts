// A real git repository with a fleet in it, below a temporary directory.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export class GitFleet {
  readonly directory: string;

  constructor(directory = mkdtempSync(join(tmpdir(), 'seatrial-fleet-'))) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('config', 'user.name', 'Ada');
    this.git('config', 'user.email', 'ada@example.com');
    this.git('config', 'commit.gpgsign', 'false');
  }

  git(...args: string[]): string {
    return execFileSync('git', args, {
      cwd: this.directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  /** Replaces all files and commits; returns the commit id. */
  commit(files: ReadonlyMap<string, string>, message = 'Change the fleet'): string {
    this.git('rm', '-r', '-q', '--cached', '--ignore-unmatch', '.');
    for (const [path, text] of files) {
      mkdirSync(dirname(join(this.directory, path)), { recursive: true });
      writeFileSync(join(this.directory, path), text);
      this.git('add', path);
    }
    this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.head();
  }

  head = (): string => this.git('rev-parse', 'HEAD');

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
