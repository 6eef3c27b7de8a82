-- API keys of the shop's own systems. A revoked key stays, so that the audit log's names
-- can be looked up; its name is free again.

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    token_sha256 TEXT NOT NULL UNIQUE,
    -- The beginning of the key, to recognise it by; empty where it is not known.
    prefix TEXT NOT NULL,
    -- Separated by spaces, in the order of their names.
    scopes TEXT NOT NULL,
    requests_per_second BIGINT NOT NULL,
    created_seconds BIGINT NOT NULL,
    expires_seconds BIGINT,
    revoked_seconds BIGINT
);
CREATE UNIQUE INDEX api_keys_in_use ON api_keys (name) WHERE revoked_seconds IS NULL;
