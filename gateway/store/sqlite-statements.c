/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateway/store/sqlite-statements.h"

/* In the order that sqlite-rows.c reads them. */
#define TRANSACTION                                                                                          \
  "row_id, status, void_status, flags, amount, currency, method, charged_amount, charged_currency, "         \
  "created_at, "                                                                                             \
  "updated_at, completed_at, voided_at, grace_expires_at, outcome_seq, void_seq, timeline_length, "          \
  "group_id, "                                                                                               \
  "transaction_id, key_id, terminal_id, slot, device_id, connection_id, terminal_key_id, journal_id, "       \
  "request, "                                                                                                \
  "response, conflict, error_code, error_message, void_reason"
#define KEY "key_id, api_key, secret, group_id, role, created_at, revoked_at, successor"
#define DEVICE                                                                                               \
  "group_id, slot, device_id, key_id, epoch, attached, connection_id, journal_id, metadata, capabilities, "  \
  "connected_at, last_seen"
#define SESSION "key_id, epoch, connection_id, session_id, address, user_agent, since, acks"
#define MESSAGE "seq, created_at, acked_at, key_id, group_id, transaction_id, action, body"
#define ORPHAN  "id, group_id, transaction_id, slot, response, created_at"
#define AUDIT   "seq, at, actor, what, group_id, key_id, transaction_id, detail"

/* What GW_READ_TRANSACTIONS may ask: ?2 from, ?3 to, ?4 and ?5 cursor, ?6 status, ?7 terminal, ?8 limit. */
#define LIST(index, which)                                                                                   \
  "SELECT " TRANSACTION " FROM transactions INDEXED BY " index " WHERE " which                               \
  " AND created_at >= ?2 AND created_at < ?3 AND (created_at, row_id) < (?4, ?5)"                            \
  " AND (?6 < 0 OR status = ?6) AND (?7 IS NULL OR device_id = ?7 OR terminal_id = ?7)"                      \
  " AND (?8 IS NULL OR key_id = ?8) ORDER BY created_at DESC, row_id DESC LIMIT ?9"

static const char *const texts[GW_SQLITE_N_STATEMENTS] = {
  [GW_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [GW_SQL_BEGIN_READ] = "BEGIN",
  [GW_SQL_COMMIT] = "COMMIT",
  [GW_SQL_ROLLBACK] = "ROLLBACK",
  [GW_SQL_REPAIR] = "UPDATE meta SET value = value + 1 WHERE name = 'repairs'",

  [GW_SQL_TRANSACTION] =
    "SELECT " TRANSACTION " FROM transactions WHERE transaction_id = ?1 AND group_id = ?2",
  [GW_SQL_HOLDER] =
    "SELECT " TRANSACTION " FROM transactions WHERE slot = ?1 AND group_id = ?2 AND flags & 1",
  [GW_SQL_REVERSING] =
    "SELECT " TRANSACTION
    " FROM transactions WHERE slot = ?1 AND group_id = ?2 AND flags & 2 ORDER BY row_id LIMIT ?3",
  [GW_SQL_INSERT_TRANSACTION] =
    "INSERT INTO transactions (" TRANSACTION
    ") VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
  /* What a payment is never changes, and what is not named here costs no index any work. */
  [GW_SQL_UPDATE_TRANSACTION] =
    "UPDATE transactions SET slot = ?3, status = ?4, void_status = ?5, flags = ?6, charged_amount = ?7, "
    "charged_currency = ?8,"
    " updated_at = ?9, completed_at = ?10, voided_at = ?11, grace_expires_at = ?12, outcome_seq = ?13, "
    "void_seq = ?14,"
    " timeline_length = ?15, key_id = ?16, connection_id = ?17, terminal_key_id = ?18, journal_id = ?19,"
    " response = ?20, conflict = ?21, error_code = ?22, error_message = ?23, void_reason = ?24"
    " WHERE row_id = ?1 AND transaction_id = ?2",
  [GW_SQL_TRANSACTION_ROW] = "SELECT row_id FROM transactions WHERE transaction_id = ?1 AND group_id = ?2",
  [GW_SQL_INSERT_TIMELINE] =
    "INSERT INTO timeline (transaction_row, n, at, from_status, to_status, actor, connection,"
    " what, detail) VALUES (?,?,?,?,?,?,?,?,?)",
  [GW_SQL_ORPHAN] =
    "SELECT 1 FROM orphans WHERE transaction_id = ?1 AND group_id = ?2 AND slot = ?3 AND response = ?4",
  [GW_SQL_INSERT_ORPHAN] =
    "INSERT INTO orphans (transaction_id, group_id, slot, response, created_at) VALUES (?,?,?,?,?)",
  [GW_SQL_PURGED] = "SELECT 1 FROM purged WHERE transaction_id = ?1 AND group_id = ?2",

  [GW_SQL_KEY] = "SELECT " KEY " FROM keys WHERE key_id = ?1",
  [GW_SQL_PUT_KEY] =
    "INSERT INTO keys (" KEY ") VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (key_id) DO UPDATE SET"
    " api_key = excluded.api_key, secret = excluded.secret, group_id = excluded.group_id,"
    " role = excluded.role, created_at = excluded.created_at, revoked_at = excluded.revoked_at,"
    " successor = excluded.successor",
  [GW_SQL_MOVE_MESSAGES] = "UPDATE messages SET key_id = ?2 WHERE key_id = ?1 AND acked_at = 0",
  /* A terminal without a deviceId is its key: its slot moves too. */
  [GW_SQL_MOVE_HELD] =
    "UPDATE transactions INDEXED BY transactions_holder SET key_id = iif (key_id = ?1, ?2, key_id),"
    " terminal_key_id = iif (terminal_key_id = ?1, ?2, terminal_key_id),"
    " slot = iif (slot = '@' || ?1, '@' || ?2, slot)"
    " WHERE flags & 1 AND (key_id = ?1 OR terminal_key_id = ?1 OR slot = '@' || ?1)",
  [GW_SQL_MOVE_REVERSING] =
    "UPDATE transactions INDEXED BY transactions_reversing SET key_id = iif (key_id = ?1, ?2, key_id),"
    " terminal_key_id = iif (terminal_key_id = ?1, ?2, terminal_key_id),"
    " slot = iif (slot = '@' || ?1, '@' || ?2, slot)"
    " WHERE flags & 2 AND (key_id = ?1 OR terminal_key_id = ?1 OR slot = '@' || ?1)",
  [GW_SQL_MOVE_DEVICES] = "UPDATE devices SET key_id = ?2, slot = iif (slot = '@' || ?1, '@' || ?2, slot)"
                          " WHERE key_id = ?1",
  [GW_SQL_COUNT_OPEN] = "SELECT count (*) FROM transactions INDEXED BY transactions_holder"
                        " WHERE flags & 1 AND status <= 1 AND (key_id = ?1 OR terminal_key_id = ?1)",
  [GW_SQL_COUNT_REVERSING] = "SELECT count (*) FROM transactions INDEXED BY transactions_reversing"
                             " WHERE flags & 2 AND (key_id = ?1 OR terminal_key_id = ?1)",
  [GW_SQL_COUNT_WAITING] = "SELECT count (*) FROM messages WHERE key_id = ?1 AND acked_at = 0",
  [GW_SQL_DEVICE] = "SELECT " DEVICE " FROM devices WHERE group_id = ?1 AND slot = ?2",
  [GW_SQL_PUT_DEVICE] =
    "INSERT INTO devices (" DEVICE
    ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (group_id, slot) DO UPDATE SET"
    " device_id = excluded.device_id, key_id = excluded.key_id, epoch = excluded.epoch, attached = "
    "excluded.attached,"
    " connection_id = excluded.connection_id, journal_id = excluded.journal_id, metadata = excluded.metadata,"
    " capabilities = excluded.capabilities, connected_at = excluded.connected_at, last_seen = "
    "excluded.last_seen",
  [GW_SQL_DELETE_DEVICE] = "DELETE FROM devices WHERE group_id = ?1 AND slot = ?2",
  [GW_SQL_SESSION] = "SELECT " SESSION " FROM sessions WHERE key_id = ?1",
  [GW_SQL_PUT_SESSION] =
    "INSERT INTO sessions (" SESSION ") VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (key_id) DO UPDATE SET"
    " epoch = excluded.epoch, connection_id = excluded.connection_id, session_id = excluded.session_id,"
    " address = excluded.address, user_agent = excluded.user_agent, since = excluded.since, acks = "
    "excluded.acks",
  [GW_SQL_PUT_DISPLACED] = "INSERT INTO displaced (key_id, session_id, expires_at) VALUES (?,?,?)"
                           " ON CONFLICT (key_id, session_id) DO UPDATE SET expires_at = excluded.expires_at",
  [GW_SQL_DISPLACED] = "SELECT 1 FROM displaced WHERE key_id = ?1 AND session_id = ?2 AND expires_at > ?3",

  [GW_SQL_LAST_SEQ] = "SELECT max (seq) FROM messages",
  [GW_SQL_INSERT_MESSAGE] = "INSERT INTO messages (" MESSAGE ") VALUES (?,?,?,?,?,?,?,?)",
  [GW_SQL_MESSAGE] = "SELECT " MESSAGE " FROM messages WHERE seq = ?1",
  [GW_SQL_REWRITE_MESSAGE] = "UPDATE messages SET body = ?2 WHERE seq = ?1",
  [GW_SQL_ACK_MESSAGE] = "UPDATE messages SET acked_at = ?3 WHERE seq = ?2 AND key_id = ?1 AND acked_at = 0",
  [GW_SQL_FINGERPRINTS] = "SELECT fingerprint FROM signatures WHERE fingerprint IS NOT NULL",
  [GW_SQL_INSERT_SIGNATURE] = "INSERT INTO signatures (expires_at, fingerprint) VALUES (?,?)",
  [GW_SQL_INSERT_SIGNATURES] = "INSERT INTO signatures (expires_at, fingerprints) VALUES (?,?)",
  [GW_SQL_INSERT_AUDIT] = "INSERT INTO audit (" AUDIT ") VALUES (NULL,?,?,?,?,?,?,?)",

  /* The tables that only grow at their end are swept from their beginning, looking at no more rows than the
     limit. */
  [GW_SQL_SWEEP_SIGNATURES] = "SELECT id, fingerprint, iif (fingerprint IS NULL, 'batch', NULL) FROM"
                              " (SELECT id, fingerprint, expires_at FROM signatures ORDER BY id LIMIT ?2)"
                              " WHERE expires_at <= ?1",
  [GW_SQL_DELETE_SIGNATURE] = "DELETE FROM signatures WHERE id = ?1",
  [GW_SQL_SWEEP_DISPLACED] =
    "SELECT key_id, session_id FROM displaced WHERE expires_at <= ?1 ORDER BY key_id, session_id LIMIT ?2",
  [GW_SQL_DELETE_DISPLACED] = "DELETE FROM displaced WHERE key_id = ?1 AND session_id = ?2",
  [GW_SQL_SWEEP_MESSAGES] = "SELECT " MESSAGE " FROM (SELECT * FROM messages ORDER BY seq LIMIT ?2)"
                            " WHERE created_at < ?1 AND seq < (SELECT max (seq) FROM messages)",
  [GW_SQL_DELETE_MESSAGE] = "DELETE FROM messages WHERE seq = ?1",
  [GW_SQL_SWEEP_TRANSACTIONS] =
    "SELECT row_id, group_id, transaction_id, created_at FROM transactions INDEXED BY transactions_created"
    " WHERE created_at < ?1 AND status >= 2 AND flags & 7 = 4 ORDER BY created_at, row_id LIMIT ?2",
  [GW_SQL_DELETE_TIMELINE] = "DELETE FROM timeline WHERE transaction_row = ?1",
  [GW_SQL_DELETE_TRANSACTION] = "DELETE FROM transactions WHERE row_id = ?1",
  [GW_SQL_INSERT_PURGED] =
    "INSERT OR REPLACE INTO purged (transaction_id, group_id, created_at) VALUES (?,?,?)",
  [GW_SQL_SWEEP_PURGED] = "SELECT transaction_id, group_id FROM purged WHERE created_at < ?1"
                          " ORDER BY created_at, transaction_id, group_id LIMIT ?2",
  [GW_SQL_DELETE_PURGED] = "DELETE FROM purged WHERE transaction_id = ?1 AND group_id = ?2",
  [GW_SQL_SWEEP_DEVICES] =
    "SELECT group_id, slot FROM devices AS d WHERE attached = 0 AND last_seen < ?1"
    " AND NOT EXISTS (SELECT 1 FROM transactions WHERE slot = d.slot AND group_id = d.group_id AND flags & 1)"
    " AND NOT EXISTS (SELECT 1 FROM transactions WHERE slot = d.slot AND group_id = d.group_id AND flags & 2)"
    " ORDER BY group_id, slot LIMIT ?2",
  [GW_SQL_SWEEP_ORPHANS] = "SELECT id FROM (SELECT id, created_at FROM orphans ORDER BY id LIMIT ?2)"
                           " WHERE created_at < ?1",
  [GW_SQL_DELETE_ORPHAN] = "DELETE FROM orphans WHERE id = ?1",

  [GW_SQL_READ_BY_ID] = "SELECT " TRANSACTION " FROM transactions WHERE transaction_id = ?1 AND (?2 IS NULL "
                        "OR group_id = ?2) ORDER BY group_id LIMIT ?3",
  [GW_SQL_READ_GROUP] = LIST ("transactions_group", "group_id = ?1"),
  [GW_SQL_READ_GROUP_ATTENTION] = LIST ("transactions_attention", "group_id = ?1 AND flags & 2048"),
  [GW_SQL_READ_ALL] = LIST ("transactions_created", "?1 IS NULL"),
  [GW_SQL_READ_ALL_ATTENTION] = LIST ("transactions_attention", "?1 IS NULL AND flags & 2048"),
  [GW_SQL_READ_OBLIGATIONS] =
    "SELECT " TRANSACTION " FROM transactions WHERE row_id IN"
    " (SELECT row_id FROM transactions INDEXED BY transactions_holder WHERE flags & 1 AND row_id > ?1"
    "  UNION SELECT row_id FROM transactions INDEXED BY transactions_reversing WHERE flags & 2 AND row_id > "
    "?1"
    "  ORDER BY 1 LIMIT ?2) ORDER BY row_id",
  [GW_SQL_READ_WAITING] =
    "SELECT " MESSAGE " FROM messages WHERE key_id = ?1 AND acked_at = 0 AND seq > ?2 ORDER BY seq LIMIT ?3",
  [GW_SQL_READ_TIMELINE] =
    "SELECT t.group_id, t.transaction_id, l.n, l.at, l.from_status, l.to_status, l.actor, l.connection, "
    "l.what,"
    " l.detail FROM transactions AS t JOIN timeline AS l ON l.transaction_row = t.row_id"
    " WHERE t.transaction_id = ?1 AND (?2 IS NULL OR t.group_id = ?2) ORDER BY t.group_id, l.n",
  [GW_SQL_READ_AUDIT] = "SELECT " AUDIT " FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2",
  [GW_SQL_READ_KEYS] = "SELECT " KEY " FROM keys ORDER BY created_at, key_id",
  [GW_SQL_READ_DEVICES] = "SELECT " DEVICE " FROM devices ORDER BY group_id, slot",
  [GW_SQL_READ_SESSIONS] = "SELECT " SESSION " FROM sessions ORDER BY key_id",
  [GW_SQL_READ_SIGNATURES] =
    "SELECT expires_at, fingerprint, fingerprints FROM signatures WHERE expires_at > ?1 ORDER BY id",
  [GW_SQL_READ_ORPHANS] = "SELECT " ORPHAN " FROM orphans WHERE id > ?1 AND (?2 IS NULL OR group_id = ?2)"
                          " AND ?3 IS NULL ORDER BY id LIMIT ?4",
  [GW_SQL_READ_ORPHANS_OF] = "SELECT " ORPHAN " FROM orphans INDEXED BY orphans_id WHERE transaction_id = ?3"
                             " AND id > ?1 AND (?2 IS NULL OR group_id = ?2) ORDER BY id LIMIT ?4",
  [GW_SQL_LIST_OPEN] =
    "SELECT transaction_id FROM transactions INDEXED BY transactions_holder"
    " WHERE flags & 1 AND status <= 1 AND (key_id = ?1 OR terminal_key_id = ?1) ORDER BY row_id LIMIT ?2",
  [GW_SQL_LIST_REVERSING] =
    "SELECT transaction_id FROM transactions INDEXED BY transactions_reversing"
    " WHERE flags & 2 AND (key_id = ?1 OR terminal_key_id = ?1) ORDER BY row_id LIMIT ?2",
  [GW_SQL_LIST_WAITING] =
    "SELECT transaction_id FROM messages WHERE key_id = ?1 AND acked_at = 0 ORDER BY seq LIMIT ?2",
  [GW_SQL_READ_CHECK] = "SELECT value FROM meta WHERE name = 'instance'",
};

const char *
gw_sqlite_statement_text (GwSqliteStatement statement)
{
  return texts[statement];
}
