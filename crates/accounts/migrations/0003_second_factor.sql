-- One-time codes from an app (RFC 6238) and codes for who lost it.

CREATE TABLE totp_secrets (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- Base32. Not hashed: codes are computed from it.
    secret TEXT NOT NULL,
    -- 0 until the first code has shown that the app has the secret.
    is_confirmed BIGINT NOT NULL CHECK (is_confirmed IN (0, 1)),
    -- The step of the newest code that was taken; no older one is taken again.
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    code_sha256 TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_of_account ON recovery_codes (account_id);
