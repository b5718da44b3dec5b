CREATE TABLE advisory_file (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    name TEXT NOT NULL, sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, received INTEGER NOT NULL, first INTEGER NOT NULL,
    who TEXT NOT NULL, content BLOB NOT NULL, UNIQUE (tenant, kind, subject)
) STRICT;
CREATE TABLE exposure_exception (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, body TEXT NOT NULL, revoked INTEGER, revoked_by TEXT, revoked_why TEXT
) STRICT;
