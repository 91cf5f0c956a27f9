// Every SQL statement of the SQLite store, prepared once. The dialect is kept to what PostgreSQL understands as well.

import type { Millis, Sha256 } from '@seatrial/spec';
import type BetterSqlite3 from 'better-sqlite3';
import type { BoardRow, EventRow, PlanRow } from './sqlite-rows.ts';

export type Statements = ReturnType<typeof statementsOf>;

/** The part of a prepared statement that is used here. */
interface Query<P extends unknown[], R> {
  all(...parameters: P): R[];
  get(...parameters: P): R | undefined;
  iterate(...parameters: P): IterableIterator<R>;
}

interface Command<P extends unknown[]> {
  run(...parameters: P): unknown;
}

const PLAN_COLUMNS = `generation, fleet, release, git_commit, payload_hash, attempt, policy_hash, content,
  issued_at_ms, expires_at_ms, download_not_before_ms, moved_in`;

interface EventParameters {
  readonly limit: number;
  readonly after: number;
  readonly fleet: string | null;
  readonly device: string | null;
}

const EVENT_FILTER = '(:fleet IS NULL OR fleet = :fleet) AND (:device IS NULL OR device = :device)';

export function statementsOf(db: BetterSqlite3.Database) {
  const query = <P extends unknown[], R>(sql: string): Query<P, R> => db.prepare<unknown[], R>(sql);
  const command = <P extends unknown[]>(sql: string): Command<P> => db.prepare<unknown[]>(sql);
  return {
    meta: query<[], { key: string; value: string }>('SELECT key, value FROM meta'),
    setMeta: command<[string, string]>(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ),

    boards: query<[], BoardRow>(`
    SELECT device, sequence, received_at_ms, judged_payload, judged_attempt, verdict, verdict_reason, verdict_message,
      online, presence_since_ms, overdue_at_ms, ${PLAN_COLUMNS}
    FROM (SELECT device FROM boards UNION SELECT device FROM plans) AS known
    LEFT JOIN boards USING (device) LEFT JOIN plans USING (device)`),
    report: query<[string], { sequence: number; received_at_ms: Millis; report: Buffer }>(
      'SELECT sequence, received_at_ms, report FROM boards WHERE device = ? AND report IS NOT NULL',
    ),
    putReport: command<[string, number, number, Buffer]>(`
    INSERT INTO boards (device, sequence, received_at_ms, report) VALUES (?, ?, ?, ?)
    ON CONFLICT (device) DO UPDATE
      SET sequence = excluded.sequence, received_at_ms = excluded.received_at_ms, report = excluded.report
      WHERE boards.sequence IS NULL OR excluded.sequence > boards.sequence`),
    putJudgement: command<[string, string, number, string, string, string]>(`
    INSERT INTO boards (device, judged_payload, judged_attempt, verdict, verdict_reason, verdict_message)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (device) DO UPDATE
      SET judged_payload = excluded.judged_payload, judged_attempt = excluded.judged_attempt,
        verdict = excluded.verdict, verdict_reason = excluded.verdict_reason, verdict_message = excluded.verdict_message`),
    putPresence: command<[string, number, number]>(`
    INSERT INTO boards (device, online, presence_since_ms) VALUES (?, ?, ?)
    ON CONFLICT (device) DO UPDATE SET online = excluded.online, presence_since_ms = excluded.presence_since_ms`),
    putClock: command<[string, number | null]>(`
    INSERT INTO boards (device, overdue_at_ms) VALUES (?, ?)
    ON CONFLICT (device) DO UPDATE SET overdue_at_ms = excluded.overdue_at_ms`),

    plan: query<[string], PlanRow>(`SELECT device, ${PLAN_COLUMNS} FROM plans WHERE device = ?`),
    putPlan: command<[PlanRow]>(`
    INSERT INTO plans (device, published, ${PLAN_COLUMNS})
    VALUES (:device, 0, :generation, :fleet, :release, :git_commit,
      :payload_hash, :attempt, :policy_hash, :content, :issued_at_ms, :expires_at_ms, :download_not_before_ms, :moved_in)
    ON CONFLICT (device) DO UPDATE
      SET published = 0, generation = excluded.generation, fleet = excluded.fleet,
        release = excluded.release, git_commit = excluded.git_commit, payload_hash = excluded.payload_hash,
        attempt = excluded.attempt, policy_hash = excluded.policy_hash, content = excluded.content,
        issued_at_ms = excluded.issued_at_ms, expires_at_ms = excluded.expires_at_ms,
        download_not_before_ms = excluded.download_not_before_ms, moved_in = excluded.moved_in`),
    unpublished: query<[number], PlanRow>(
      `SELECT device, ${PLAN_COLUMNS} FROM plans WHERE published = 0 ORDER BY issued_at_ms LIMIT ?`,
    ),
    markPublished: command<[string, number]>('UPDATE plans SET published = 1 WHERE device = ? AND generation = ?'),
    republish: command<[]>('UPDATE plans SET published = 0'),

    content: query<[Sha256], { body: string }>('SELECT body FROM contents WHERE hash = ?'),
    putContent: command<[string, string]>('INSERT INTO contents (hash, body) VALUES (?, ?) ON CONFLICT DO NOTHING'),

    rollouts: query<[number], { body: string }>(`
    SELECT body FROM (
      SELECT body, fleet, number, row_number() OVER (PARTITION BY fleet ORDER BY number DESC) AS age FROM rollouts
    ) AS aged WHERE age <= ? ORDER BY fleet, number`),
    putRollout: command<[string, string, number, string]>(`
    INSERT INTO rollouts (id, fleet, number, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET body = excluded.body`),

    putDecision: command<[string, string, string]>(
      'INSERT INTO decisions (id, kind, audited, body) VALUES (?, ?, 0, ?) ON CONFLICT (id) DO NOTHING',
    ),
    decisions: query<[string, number], { body: string }>(
      'SELECT body FROM decisions WHERE kind = ? ORDER BY seq DESC LIMIT ?',
    ),
    unaudited: query<[number], { body: string }>('SELECT body FROM decisions WHERE audited = 0 ORDER BY seq LIMIT ?'),
    markAudited: command<[string]>('UPDATE decisions SET audited = 1 WHERE id = ?'),
    knowsDecision: query<[string], { id: string }>('SELECT id FROM decisions WHERE id = ?'),

    putEvent: command<[number, number, string, string, string | null, string | null, string | null]>(
      'INSERT INTO events (seq, at_ms, kind, message, fleet, device, by_whom) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    dropEvents: command<[number]>('DELETE FROM events WHERE seq <= ?'),
    newestEvents: query<[EventParameters], EventRow>(
      `SELECT * FROM events WHERE seq > :after AND ${EVENT_FILTER} ORDER BY seq DESC LIMIT :limit`,
    ),
    told: query<[], { topic: string; digest: string; at_ms: Millis; final: number }>('SELECT * FROM told'),
    putTold: command<[string, string, number, number]>(`
    INSERT INTO told (topic, digest, at_ms, final) VALUES (?, ?, ?, ?)
    ON CONFLICT (topic) DO UPDATE SET digest = excluded.digest, at_ms = excluded.at_ms, final = excluded.final`),
    forget: command<[string]>('DELETE FROM told WHERE topic = ?'),
    knowsDelivery: query<[string], { key: string }>('SELECT key FROM deliveries WHERE key = ?'),
    putDelivery: command<[string]>('INSERT OR IGNORE INTO deliveries (key) VALUES (?)'),
    dropDeliveries: command<[number]>('DELETE FROM deliveries WHERE seq <= (SELECT max(seq) FROM deliveries) - ?'),
    eventsAfter: query<[EventParameters], EventRow>(
      `SELECT * FROM events WHERE seq > :after AND ${EVENT_FILTER} ORDER BY seq LIMIT :limit`,
    ),
  };
}
