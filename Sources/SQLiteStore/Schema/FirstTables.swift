extension Schema {
    /// Instants are milliseconds since 1970 (UTC). Text is compared as bytes (BINARY, the default collation).
    ///
    /// `status_counts` is kept by triggers: a status page or a metrics scrape then costs one row per tool and status,
    /// whatever is stored, and a refresh that does not change a status costs nothing.
    static let firstTables = """
        CREATE TABLE store_state (
            id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
            -- The last generation given out; never goes back, whatever is deleted.
            generation  INTEGER NOT NULL,
            -- Where the store was made or last taken over; NULL: not known.
            machine_id  TEXT
        ) STRICT;
        INSERT INTO store_state (id, generation) VALUES (1, 0);

        CREATE TABLE master_keys (
            key_id       TEXT NOT NULL PRIMARY KEY,
            check_value  BLOB NOT NULL
        ) STRICT;

        -- The endpoint of each tool as last assigned; NULL: out of the schedule.
        CREATE TABLE tool_endpoints (
            tool_id   TEXT NOT NULL PRIMARY KEY,
            endpoint  TEXT
        ) STRICT;

        CREATE TABLE tool_auths (
            id                        INTEGER NOT NULL PRIMARY KEY,
            tool_id                   TEXT NOT NULL,
            user_id                   TEXT NOT NULL,
            status                    TEXT NOT NULL,
            reason                    TEXT,
            token_type                TEXT NOT NULL,
            scope                     TEXT NOT NULL,
            obtained_at               INTEGER NOT NULL,
            expires_at                INTEGER,
            refresh_token_expires_at  INTEGER,
            refresh_at                INTEGER,
            keepalive_at              INTEGER,
            next_attempt_at           INTEGER,
            last_refreshed_at         INTEGER,
            last_attempt_at           INTEGER,
            last_outcome              TEXT,
            last_error_code           TEXT,
            last_error_detail         TEXT,
            last_error_http_status    INTEGER,
            consecutive_failures      INTEGER NOT NULL,
            unsettled_since           INTEGER,
            unsettled_resends         INTEGER NOT NULL,
            grant_rejected_at         INTEGER,
            attempt_id                TEXT,
            attempt_started_at        INTEGER,
            generation                INTEGER NOT NULL,
            created_at                INTEGER NOT NULL,
            updated_at                INTEGER NOT NULL,
            metadata                  TEXT NOT NULL,
            client_id                 TEXT NOT NULL,
            token_origin              TEXT NOT NULL,
            -- As the record computes it; written with every change.
            due_at                    INTEGER,
            -- That of tool_endpoints.
            endpoint                  TEXT,
            -- Sealed; last, so that reading the rest does not follow their overflow pages.
            access_token              BLOB,
            refresh_token             BLOB,
            UNIQUE (tool_id, user_id)
        ) STRICT;
        -- The scan. tool_id and user_id make it answer without the table.
        CREATE INDEX tool_auths_due ON tool_auths (endpoint, due_at, expires_at, tool_id, user_id)
            WHERE due_at IS NOT NULL;
        CREATE INDEX tool_auths_user ON tool_auths (user_id, tool_id);
        CREATE INDEX tool_auths_status ON tool_auths (status, tool_id, user_id);
        -- attempt_id only because SQLite looks at it again.
        CREATE INDEX tool_auths_attempt ON tool_auths (tool_id, user_id, attempt_id) WHERE attempt_id IS NOT NULL;

        CREATE TABLE status_counts (
            tool_id  TEXT NOT NULL,
            status   TEXT NOT NULL,
            count    INTEGER NOT NULL,
            PRIMARY KEY (tool_id, status)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER tool_auths_counted AFTER INSERT ON tool_auths BEGIN
            INSERT INTO status_counts VALUES (new.tool_id, new.status, 1)
                ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER tool_auths_recounted AFTER UPDATE OF status ON tool_auths WHEN new.status <> old.status BEGIN
            UPDATE status_counts SET count = count - 1 WHERE tool_id = old.tool_id AND status = old.status;
            INSERT INTO status_counts VALUES (new.tool_id, new.status, 1)
                ON CONFLICT DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER tool_auths_discounted AFTER DELETE ON tool_auths BEGIN
            UPDATE status_counts SET count = count - 1 WHERE tool_id = old.tool_id AND status = old.status;
        END;

        CREATE TABLE authorizations (
            id                 TEXT NOT NULL PRIMARY KEY,
            tool_id            TEXT NOT NULL,
            user_id            TEXT NOT NULL,
            -- SHA-256 of the state, which itself is nowhere.
            state_hash         BLOB NOT NULL UNIQUE,
            status             TEXT NOT NULL,
            error              TEXT,
            redirect_uri       TEXT NOT NULL,
            frontend_redirect  TEXT,
            scope              TEXT NOT NULL,
            issuer             TEXT,
            requires_issuer    INTEGER NOT NULL,
            client_id          TEXT NOT NULL,
            connection         TEXT NOT NULL,
            created_at         INTEGER NOT NULL,
            expires_at         INTEGER NOT NULL,
            consumed_at        INTEGER,
            keep_until         INTEGER,
            -- Sealed; gone once the state is used up.
            code_verifier      BLOB,
            nonce              BLOB
        ) STRICT;
        CREATE INDEX authorizations_pending ON authorizations (tool_id, user_id, created_at)
            WHERE status = 'pending' AND consumed_at IS NULL;
        CREATE INDEX authorizations_expiry ON authorizations (expires_at)
            WHERE status = 'pending' AND consumed_at IS NULL;

        CREATE TABLE revocations (
            id                        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            -- Random; what the tokens are sealed for.
            seal_id                   TEXT NOT NULL,
            tool_id                   TEXT NOT NULL,
            user_id                   TEXT NOT NULL,
            token_type                TEXT NOT NULL,
            scope                     TEXT NOT NULL,
            obtained_at               INTEGER NOT NULL,
            expires_at                INTEGER,
            refresh_token_expires_at  INTEGER,
            generation                INTEGER NOT NULL,
            created_at                INTEGER NOT NULL,
            metadata                  TEXT NOT NULL,
            client_id                 TEXT NOT NULL,
            token_origin              TEXT NOT NULL,
            attempts                  INTEGER NOT NULL,
            due_at                    INTEGER NOT NULL,
            deadline                  INTEGER NOT NULL,
            access_token              BLOB,
            refresh_token             BLOB
        ) STRICT;
        CREATE INDEX revocations_due ON revocations (due_at, id);
        """
}
