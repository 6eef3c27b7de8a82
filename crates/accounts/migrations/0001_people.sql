-- One text for SQLite and PostgreSQL: TEXT and BIGINT alone; truth is 0 or 1; moments are
-- seconds since 1970-01-01 UTC; hashes are hexadecimal.

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    -- Folded: two accounts never differ by case alone.
    login TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'publisher', 'admin')),
    -- A PHC string of argon2id.
    password TEXT NOT NULL,
    is_disabled BIGINT NOT NULL CHECK (is_disabled IN (0, 1)),
    created_seconds BIGINT NOT NULL,
    changed_seconds BIGINT NOT NULL
);

CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('first_admin', 'invite', 'password_reset')),
    -- Of an invitation: what the new account may do.
    role TEXT CHECK (role IN ('viewer', 'editor', 'publisher', 'admin')),
    -- Of a password reset: whose.
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    -- The account that made it; none for the system.
    maker_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    created_seconds BIGINT NOT NULL,
    expires_seconds BIGINT NOT NULL,
    used_seconds BIGINT
);

CREATE TABLE sessions (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Not hashed: a page asks for it again, and without the token it opens nothing.
    csrf TEXT NOT NULL,
    created_seconds BIGINT NOT NULL,
    used_seconds BIGINT NOT NULL
);
CREATE INDEX sessions_of_account ON sessions (account_id);

CREATE TABLE audit_entries (
    sequence BIGINT NOT NULL PRIMARY KEY,
    at_seconds BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before_json TEXT,
    after_json TEXT,
    hash TEXT NOT NULL
);

-- The newest entry, and the newest that has expired: where the rest of the chain hangs.
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash TEXT NOT NULL,
    anchor_sequence BIGINT NOT NULL,
    anchor_hash TEXT NOT NULL
);
INSERT INTO audit_head (id, sequence, hash, anchor_sequence, anchor_hash) VALUES (
    1,
    0,
    '0000000000000000000000000000000000000000000000000000000000000000',
    0,
    '0000000000000000000000000000000000000000000000000000000000000000'
);
