// The store in one SQLite file, for a controller that runs alone.
//
// Touches: the file given, and beside it `-wal` and `-shm`. Holds the file exclusively while it is open, so that a second
// controller can not use it. `synchronous = FULL`: what is committed survives a power cut, and one commit carries many rows.

import { randomBytes } from 'node:crypto';
import type { DeviceId } from '@seatrial/spec';
import Database from 'better-sqlite3';
import type { RecordedDecision } from '../domain/decision.ts';
import type { PlanContent } from '../domain/plan-record.ts';
import type { Rollout } from '../domain/rollout.ts';
import { PortError } from '../errors.ts';
import {
  type Changes,
  DELIVERIES_KEPT,
  EVENTS_KEPT,
  type EventQuery,
  type Store,
  type StoredReport,
  type StoreMeta,
} from '../ports/store.ts';
import { boardOfRow, eventOfRow, planOfRow, planParameters } from './sqlite-rows.ts';
import { MIGRATIONS } from './sqlite-schema.ts';
import { type Statements, statementsOf } from './sqlite-statements.ts';

/** Opens or makes the database. Throws PortError `store-unavailable`, `store-newer` or `store-corrupt`. */
export function openSqliteStore(file: string): Store {
  return guard(file, () => {
    const db = new Database(file, { timeout: 1_000 });
    try {
      for (const pragma of ['locking_mode = EXCLUSIVE', 'journal_mode = WAL', 'synchronous = FULL']) db.pragma(pragma);
      migrate(db, file);
      return storeOver(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function migrate(db: Database.Database, file: string): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > MIGRATIONS.length) throw new PortError('store-newer', file);
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
    db.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)').run('id', randomBytes(8).toString('hex'));
    db.exec('DELETE FROM contents WHERE hash NOT IN (SELECT content FROM plans)');
  })();
}

function storeOver(db: Database.Database, file: string): Store {
  const sql = statementsOf(db);
  const write = db.transaction((changes: Changes) => apply(sql, changes));
  const run = async <T>(work: () => T): Promise<T> => guard(file, work);
  return {
    meta: () => run(() => readMeta(sql)),
    commit: changes => run(() => write.immediate(changes)),
    async *boards() {
      for (const row of sql.boards.iterate()) yield boardOfRow(row);
    },
    rollouts: perFleet => run(() => sql.rollouts.all(perFleet).map(({ body }): Rollout => JSON.parse(body))),
    reports: devices => run(() => devices.flatMap(device => reportOf(sql, device))),
    plan: device => run(() => sql.plan.all(device).map(planOfRow)[0]),
    contents: hashes =>
      run(() => hashes.flatMap(hash => sql.content.all(hash).map(({ body }): PlanContent => JSON.parse(body)))),
    unpublished: limit => run(() => sql.unpublished.all(limit).map(planOfRow)),
    unaudited: limit => run(() => sql.unaudited.all(limit).map(({ body }): RecordedDecision => JSON.parse(body))),
    decisions: (kind, limit) =>
      run(() => sql.decisions.all(kind, limit).map(({ body }): RecordedDecision => JSON.parse(body))),
    knownDecisions: ids => run(() => new Set(ids.filter(id => sql.knowsDecision.get(id) !== undefined))),
    events: query => run(() => readEvents(sql, query)),
    told: () =>
      run(() => sql.told.all().map(({ at_ms, final, ...told }) => ({ ...told, atMs: at_ms, isFinal: final === 1 }))),
    knownDeliveries: keys => run(() => new Set(keys.filter(key => sql.knowsDelivery.get(key) !== undefined))),
    close: () => run(() => void db.close()),
  };
}

const reportOf = (sql: Statements, device: DeviceId): readonly StoredReport[] =>
  sql.report.all(device).map(({ sequence, received_at_ms, report }) => ({
    device,
    sequence,
    receivedAtMs: received_at_ms,
    body: report,
  }));

/* ---- Writing ---- */

function apply(sql: Statements, changes: Changes): void {
  for (const [key, value] of Object.entries(changes.meta ?? {})) sql.setMeta.run(key, String(value));
  for (const { device, sequence, receivedAtMs, body } of changes.reports ?? []) {
    sql.putReport.run(device, sequence, receivedAtMs, Buffer.from(body));
  }
  for (const { device, judgement: j } of changes.judgements ?? []) {
    sql.putJudgement.run(device, j.payloadHash, j.attempt, j.kind, j.reason, j.message);
  }
  for (const { device, online, sinceMs } of changes.presences ?? [])
    sql.putPresence.run(device, online ? 1 : 0, sinceMs);
  for (const { device, overdueAtMs } of changes.clocks ?? []) sql.putClock.run(device, overdueAtMs ?? null);
  for (const { hash, ...body } of changes.contents ?? []) sql.putContent.run(hash, JSON.stringify({ hash, ...body }));
  for (const record of changes.plans ?? []) sql.putPlan.run(planParameters(record));
  for (const { device, generation } of changes.published ?? []) sql.markPublished.run(device, generation);
  if (changes.republish) sql.republish.run();
  for (const rollout of changes.rollouts ?? []) {
    sql.putRollout.run(rollout.id, rollout.fleet, rollout.number, JSON.stringify(rollout));
  }
  for (const decision of changes.decisions ?? [])
    sql.putDecision.run(decision.id, decision.decision.kind, JSON.stringify(decision));
  for (const id of changes.audited ?? []) sql.markAudited.run(id);
  for (const { seq, atMs, kind, message, fleet, device, by } of changes.events ?? []) {
    sql.putEvent.run(seq, atMs, kind, message, fleet ?? null, device ?? null, by ?? null);
    if (seq % 500 === 0) sql.dropEvents.run(seq - EVENTS_KEPT);
  }
  for (const { topic, digest, atMs, isFinal } of changes.told ?? [])
    sql.putTold.run(topic, digest, atMs, isFinal ? 1 : 0);
  for (const topic of changes.forgotten ?? []) sql.forget.run(topic);
  for (const key of changes.deliveries ?? []) sql.putDelivery.run(key);
  if (changes.deliveries !== undefined) sql.dropDeliveries.run(DELIVERIES_KEPT);
}

/* ---- Reading ---- */

const NUMBERS: ReadonlySet<string> = new Set([
  'decisions',
  'lastEvent',
  'publishedSerial',
] satisfies (keyof StoreMeta)[]);

function readMeta(sql: Statements): StoreMeta {
  const entries = sql.meta.all().map(({ key, value }) => [key, NUMBERS.has(key) ? Number(value) : value]);
  return { decisions: 0, lastEvent: 0, publishedSerial: 0, ...Object.fromEntries(entries) };
}

function readEvents(sql: Statements, { limit, after, fleet, device }: EventQuery) {
  const parameters = { limit, after: after ?? -1, fleet: fleet ?? null, device: device ?? null };
  const rows = after === undefined ? sql.newestEvents.all(parameters).reverse() : sql.eventsAfter.all(parameters);
  return rows.map(eventOfRow);
}

/* ---- Errors ---- */

function guard<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      throw new PortError(errorCode(error.code), file, { detail: error.message, cause: error });
    }
    // A directory that does not exist is a plain TypeError in better-sqlite3.
    if (error instanceof TypeError)
      throw new PortError('store-unavailable', file, { detail: error.message, cause: error });
    throw error;
  }
}

function errorCode(code: string): 'store-full' | 'store-corrupt' | 'store-unavailable' {
  if (code === 'SQLITE_FULL') return 'store-full';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' ? 'store-corrupt' : 'store-unavailable';
}
