extension Schema {
    /// What is due is found by tool instead of by endpoint: to pause a tool, or to change its endpoint, then changes no
    /// record. Besides, what the refresh engine remembers of records and tools.
    ///
    /// `bindings` is kept by triggers, like `status_counts`: whose tokens a tool has is then known without reading them.
    static let schedulingByTool = """
        DROP INDEX tool_auths_due;
        ALTER TABLE tool_auths DROP COLUMN endpoint;
        DROP TABLE tool_endpoints;
        -- The scan; expires_at and user_id make it answer without the table.
        CREATE INDEX tool_auths_due ON tool_auths (tool_id, due_at, expires_at, user_id) WHERE due_at IS NOT NULL;

        -- 0: the grant began when the record was made.
        ALTER TABLE tool_auths ADD COLUMN granted_at INTEGER NOT NULL DEFAULT 0;
        UPDATE tool_auths SET granted_at = created_at;
        ALTER TABLE tool_auths ADD COLUMN last_used_at INTEGER;
        ALTER TABLE tool_auths ADD COLUMN announce_at INTEGER;
        ALTER TABLE tool_auths ADD COLUMN announced_days INTEGER;
        ALTER TABLE tool_auths ADD COLUMN unmoved_ends INTEGER NOT NULL DEFAULT 0;
        -- What the wall clock was ahead of the boot-time clock when obtained_at was read, and in which boot.
        ALTER TABLE tool_auths ADD COLUMN boot_id INTEGER;
        ALTER TABLE tool_auths ADD COLUMN boot_offset INTEGER;
        -- The same for last_attempt_at.
        ALTER TABLE tool_auths ADD COLUMN attempt_boot_id INTEGER;
        ALTER TABLE tool_auths ADD COLUMN attempt_boot_offset INTEGER;

        -- Why nothing may be refreshed from this store yet; NULL: it may.
        ALTER TABLE store_state ADD COLUMN hold TEXT;
        -- The latest instant at which anything was stored; NULL: not known.
        ALTER TABLE store_state ADD COLUMN last_write_at INTEGER;
        -- By which clock all of it is written; NULL: not known.
        ALTER TABLE store_state ADD COLUMN boot_id INTEGER;
        ALTER TABLE store_state ADD COLUMN boot_offset INTEGER;

        CREATE TABLE tools (
            tool_id       TEXT NOT NULL PRIMARY KEY,
            -- NULL: not paused.
            pause_kind    TEXT,
            pause_detail  TEXT,
            paused_since  INTEGER,
            -- By which plan the due times of its records were made; NULL: not known.
            plan          TEXT
        ) STRICT;

        CREATE TABLE bindings (
            tool_id       TEXT NOT NULL,
            client_id     TEXT NOT NULL,
            token_origin  TEXT NOT NULL,
            count         INTEGER NOT NULL,
            PRIMARY KEY (tool_id, client_id, token_origin)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO bindings
            SELECT tool_id, client_id, token_origin, count(*) FROM tool_auths GROUP BY tool_id, client_id, token_origin;
        CREATE TRIGGER tool_auths_bound AFTER INSERT ON tool_auths BEGIN
            INSERT INTO bindings VALUES (new.tool_id, new.client_id, new.token_origin, 1)
                ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER tool_auths_rebound AFTER UPDATE OF client_id, token_origin ON tool_auths
            WHEN new.client_id <> old.client_id OR new.token_origin <> old.token_origin BEGIN
            UPDATE bindings SET count = count - 1
                WHERE tool_id = old.tool_id AND client_id = old.client_id AND token_origin = old.token_origin;
            INSERT INTO bindings VALUES (new.tool_id, new.client_id, new.token_origin, 1)
                ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER tool_auths_unbound AFTER DELETE ON tool_auths BEGIN
            UPDATE bindings SET count = count - 1
                WHERE tool_id = old.tool_id AND client_id = old.client_id AND token_origin = old.token_origin;
        END;
        """
}
