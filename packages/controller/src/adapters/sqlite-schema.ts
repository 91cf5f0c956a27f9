// The tables of the SQLite store, as the steps that led to them. A step is never changed once released; a new one follows.

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- What boards told, and what the controller made of it.
  CREATE TABLE boards (
    device TEXT PRIMARY KEY,
    sequence INTEGER,
    received_at_ms INTEGER,
    report BLOB,
    judged_payload TEXT,
    judged_attempt INTEGER,
    verdict TEXT,
    verdict_reason TEXT,
    verdict_message TEXT,
    online INTEGER,
    presence_since_ms INTEGER,
    overdue_at_ms INTEGER
  ) STRICT;

  -- The newest plan of each board; stored before it is published.
  CREATE TABLE plans (
    device TEXT PRIMARY KEY,
    published INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    fleet TEXT NOT NULL,
    release TEXT NOT NULL,
    git_commit TEXT NOT NULL,
    payload_hash TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    policy_hash TEXT NOT NULL,
    content TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    download_not_before_ms INTEGER,
    moved_in TEXT
  ) STRICT;
  CREATE INDEX plans_unpublished ON plans (issued_at_ms) WHERE published = 0;
  CREATE INDEX plans_content ON plans (content);

  -- What plans have in common, by the hash of it.
  CREATE TABLE contents (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;

  CREATE TABLE rollouts (
    id TEXT PRIMARY KEY,
    fleet TEXT NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX rollouts_of_fleet ON rollouts (fleet, number);

  CREATE TABLE decisions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    audited INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX decisions_of_kind ON decisions (kind, seq);
  CREATE INDEX decisions_unaudited ON decisions (seq) WHERE audited = 0;

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    fleet TEXT,
    device TEXT,
    by_whom TEXT
  ) STRICT;
  CREATE INDEX events_of_fleet ON events (fleet, seq);
  CREATE INDEX events_of_device ON events (device, seq);
  `,
  `
  -- The last that was told on the forge under each topic.
  CREATE TABLE told (
    topic TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    final INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- Webhooks that were taken: a second one of the same key is a replay.
  CREATE TABLE deliveries (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE) STRICT;
  `,
];
