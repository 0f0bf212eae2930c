"""The schema as a list of small steps; docs/schema.md is its manual.

Once released, a step is never edited. Each is recorded in `_sqlite_migrations`.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from papertrack.models import KINDS, SOURCES
from papertrack.store import impacts

migrations = Migrations("papertrack")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is outstanding, inside the caller's transaction."""
    migrations.apply(Database(connection))


@migrations()
def m001_papers(db: Database) -> None:
    """Papers, what was said of them, and what was counted."""
    for statement in _PAPERS.strip().split(";\n\n"):
        db.execute(statement)
    db.table("kinds").insert_all({"id": number, "name": name} for number, name in enumerate(KINDS))
    db.table("sources").insert_all({"id": number, "name": n} for number, n in enumerate(SOURCES))


@migrations()
def m002_conclusions(db: Database) -> None:
    """What was learned from the papers, and the lists that were shown of them."""
    for statement in _CONCLUSIONS.strip().split(";\n\n"):
        db.execute(statement)


@migrations()
def m003_search(db: Database) -> None:
    """The search index over the papers, and the guard that lets a batch be indexed at once."""
    for statement in _SEARCH.strip().split(";\n\n"):
        db.execute(statement)


@migrations()
def m004_outbox(db: Database) -> None:
    """Issues of digests, and what became of each message."""
    for statement in _OUTBOX.strip().split(";\n\n"):
        db.execute(statement)


@migrations()
def m005_impacts(db: Database) -> None:
    """The words of titles by their weight, with which a common word is ranked in no time."""
    db.execute(_IMPACTS)
    impacts.rebuild(db.conn)


@migrations()
def m006_title_hashes(db: Database) -> None:
    """Ids by the title as numbers, which need half the room, and all other ids by their paper.

    The search index merges its pieces sixteen at a time: less of it is written again each day.
    """
    for statement in _TITLE_HASHES.strip().split(";\n\n"):
        db.execute(statement)
    for index in ("papers_fts", "titles_fts", "impacts_fts"):
        db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('automerge', 16)")
        db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('crisismerge', 64)")


_PAPERS = """
CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

CREATE TABLE papers (
    id INTEGER PRIMARY KEY, -- day of publication since 1970 << 14 | number: sorts by date
    key TEXT NOT NULL UNIQUE, -- arxiv:2604.07413, doi:10.1101/..., title:<hash>
    arxiv_id TEXT NOT NULL DEFAULT '',
    doi TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL, -- as the source wrote it, with its TeX
    abstract TEXT NOT NULL DEFAULT '',
    authors TEXT NOT NULL DEFAULT '[]', -- JSON
    categories TEXT NOT NULL DEFAULT '[]', -- JSON, primary first
    published_at TEXT, -- first version; ISO 8601, UTC
    updated_at TEXT, -- this version
    version INTEGER,
    organization TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '', -- only where it does not follow from the ids
    code_url TEXT NOT NULL DEFAULT '',
    project_url TEXT NOT NULL DEFAULT '',
    ai_summary TEXT NOT NULL DEFAULT '',
    keywords TEXT NOT NULL DEFAULT '[]', -- JSON
    comment TEXT NOT NULL DEFAULT '',
    journal TEXT NOT NULL DEFAULT '',
    withdrawn INTEGER NOT NULL DEFAULT 0,
    first_seen_at TEXT NOT NULL -- when papertrack first heard of it
);

CREATE TABLE accounts (
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    source INTEGER NOT NULL REFERENCES sources(id),
    said TEXT NOT NULL, -- JSON: the fields this source fills; null means "as in papers"
    said_at TEXT NOT NULL,
    PRIMARY KEY (paper_id, source)
) WITHOUT ROWID;

CREATE TABLE aliases (
    alias TEXT PRIMARY KEY, -- another id of the same paper
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE listings (
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    source INTEGER NOT NULL REFERENCES sources(id),
    list_date TEXT NOT NULL, -- the day whose list it is
    submitted_at TEXT, -- null where only the day is known
    submitted_by TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (paper_id, source, list_date)
) WITHOUT ROWID;

CREATE INDEX listings_by_date ON listings (list_date, paper_id);

CREATE TABLE observations (
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    kind INTEGER NOT NULL REFERENCES kinds(id),
    source INTEGER NOT NULL REFERENCES sources(id),
    observed_at INTEGER NOT NULL, -- seconds since 1970, UTC
    value NUMERIC NOT NULL,
    PRIMARY KEY (paper_id, kind, source, observed_at)
) WITHOUT ROWID;

CREATE TABLE lists (
    source INTEGER NOT NULL REFERENCES sources(id),
    list_date TEXT NOT NULL,
    read_at TEXT NOT NULL, -- when this list was last read, also when nothing had changed
    papers INTEGER NOT NULL, -- how many papers it held
    PRIMARY KEY (source, list_date)
) WITHOUT ROWID;

CREATE TABLE source_state (
    source INTEGER NOT NULL REFERENCES sources(id),
    name TEXT NOT NULL, -- opaque to all but the source: an address, a cursor
    value TEXT NOT NULL,
    PRIMARY KEY (source, name)
) WITHOUT ROWID;

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources(id),
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    outcome TEXT NOT NULL, -- ok, partial, error, skipped
    message TEXT NOT NULL DEFAULT '',
    retry_at TEXT, -- not before this moment, where the service said so
    papers INTEGER NOT NULL DEFAULT 0,
    new_papers INTEGER NOT NULL DEFAULT 0,
    observations INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX runs_by_source ON runs (source, id);

CREATE TABLE reading (
    paper_id INTEGER PRIMARY KEY REFERENCES papers(id) ON DELETE CASCADE,
    saved_at TEXT,
    read_at TEXT,
    hidden_at TEXT,
    seen_at TEXT,
    note TEXT NOT NULL DEFAULT ''
);

CREATE TABLE tags (
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (paper_id, tag)
) WITHOUT ROWID;

CREATE VIEW observation_list AS
SELECT papers.key AS paper, kinds.name AS kind, sources.name AS source, value,
       strftime('%Y-%m-%dT%H:%M:%SZ', observed_at, 'unixepoch') AS observed_at
FROM observations
JOIN papers ON papers.id = observations.paper_id
JOIN kinds ON kinds.id = observations.kind
JOIN sources ON sources.id = observations.source;

CREATE VIEW latest_counts AS
SELECT paper_id, kinds.name AS kind, value, max(observed_at) AS observed_at
FROM observations JOIN kinds ON kinds.id = observations.kind
GROUP BY paper_id, observations.kind;

CREATE VIEW daily_papers AS
SELECT listings.list_date, papers.key AS paper, papers.title, listings.submitted_by,
       (SELECT value FROM observations o WHERE o.paper_id = papers.id AND o.kind = 0
        ORDER BY observed_at DESC LIMIT 1) AS upvotes,
       (SELECT value FROM observations o WHERE o.paper_id = papers.id AND o.kind = 1
        ORDER BY observed_at DESC LIMIT 1) AS comments,
       (SELECT value FROM observations o WHERE o.paper_id = papers.id AND o.kind = 2
        ORDER BY observed_at DESC LIMIT 1) AS github_stars,
       iif(papers.arxiv_id <> '', 'https://arxiv.org/abs/' || papers.arxiv_id, papers.url) AS url
FROM listings JOIN papers ON papers.id = listings.paper_id
"""

_CONCLUSIONS = """
CREATE TABLE learned (
    name TEXT PRIMARY KEY, -- what was concluded: norm
    value TEXT NOT NULL, -- JSON
    learned_at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE ledger (
    day TEXT NOT NULL, -- the day whose list it was
    ranking TEXT NOT NULL,
    place INTEGER NOT NULL, -- from 1
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    score REAL NOT NULL,
    votes NUMERIC NOT NULL, -- upvotes at that moment
    noted_at TEXT NOT NULL,
    PRIMARY KEY (day, ranking, place)
) WITHOUT ROWID
"""

_INDEXED = "title, abstract, authors, facets"
_SEARCH = f"""
ALTER TABLE papers ADD COLUMN facets TEXT GENERATED ALWAYS AS ( -- ["csLG"] hascode
    replace(replace(categories, '.', ''), '-', '') || iif(code_url <> '', ' hascode', '')
) VIRTUAL;

CREATE INDEX papers_misdated ON papers (published_at)
WHERE (id >> 14) <> CAST(julianday(substr(published_at, 1, 10)) - 2440587.5 AS INTEGER);

CREATE VIRTUAL TABLE papers_fts USING fts5(
    {_INDEXED}, content="papers", content_rowid="id",
    tokenize="porter unicode61 remove_diacritics 2"
);

CREATE VIRTUAL TABLE titles_fts USING fts5(
    title, content="papers", content_rowid="id", tokenize="unicode61 remove_diacritics 2"
);

INSERT INTO papers_fts (papers_fts) VALUES ('rebuild');

INSERT INTO titles_fts (titles_fts) VALUES ('rebuild');

CREATE TABLE index_guard (writer TEXT NOT NULL);

CREATE TRIGGER papers_indexed AFTER INSERT ON papers
WHEN NOT EXISTS (SELECT 1 FROM index_guard)
BEGIN
    INSERT INTO papers_fts (rowid, {_INDEXED})
    SELECT id, {_INDEXED} FROM papers WHERE id = new.id;
    INSERT INTO titles_fts (rowid, title) VALUES (new.id, new.title);
END;

CREATE TRIGGER papers_unindexed AFTER DELETE ON papers
WHEN NOT EXISTS (SELECT 1 FROM index_guard)
BEGIN
    INSERT INTO papers_fts (papers_fts, rowid, {_INDEXED})
    VALUES ('delete', old.id, old.title, old.abstract, old.authors, old.facets);
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.id, old.title);
END;

CREATE TRIGGER papers_reindexed AFTER UPDATE OF title, abstract, authors, categories, code_url
ON papers
WHEN (old.title, old.abstract, old.authors, old.facets)
    IS NOT (new.title, new.abstract, new.authors, new.facets)
    AND NOT EXISTS (SELECT 1 FROM index_guard)
BEGIN
    INSERT INTO papers_fts (papers_fts, rowid, {_INDEXED})
    VALUES ('delete', old.id, old.title, old.abstract, old.authors, old.facets);
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.id, old.title);
    INSERT INTO papers_fts (rowid, {_INDEXED})
    VALUES (new.id, new.title, new.abstract, new.authors, new.facets);
    INSERT INTO titles_fts (rowid, title) VALUES (new.id, new.title);
END
"""

_OUTBOX = """
CREATE TABLE issues (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    period TEXT NOT NULL, -- 2026-11-23 or 2026-W48, in the digest's zone
    opened_at TEXT NOT NULL, -- when it was frozen: the Date of its messages
    closed_at TEXT, -- nothing more happens by itself; null while it is open
    withdrawn_at TEXT, -- it reached nobody and was made anew; its papers are new again
    host TEXT NOT NULL -- the machine that opened it
);

CREATE UNIQUE INDEX issues_by_period ON issues (digest, period) WHERE withdrawn_at IS NULL;

CREATE TABLE issue_papers (
    issue_id INTEGER NOT NULL REFERENCES issues(id) ON DELETE CASCADE,
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    place INTEGER NOT NULL, -- from 1
    PRIMARY KEY (issue_id, paper_id)
) WITHOUT ROWID;

CREATE TABLE watched (
    issue_id INTEGER NOT NULL REFERENCES issues(id) ON DELETE CASCADE,
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE,
    said TEXT NOT NULL, -- what was known of the paper then; the newest issue counts
    PRIMARY KEY (issue_id, paper_id)
) WITHOUT ROWID;

CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    issue_id INTEGER NOT NULL REFERENCES issues(id) ON DELETE CASCADE,
    recipient TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL, -- pending, sending, sent, failed, uncertain, held, dropped
    attempts INTEGER NOT NULL DEFAULT 0,
    unconfirmed INTEGER NOT NULL DEFAULT 0, -- how many attempts ended without an answer
    last_reply TEXT NOT NULL DEFAULT '',
    next_try_at TEXT,
    sent_at TEXT,
    UNIQUE (issue_id, recipient)
);

CREATE TABLE letter_bytes (
    letter_id INTEGER PRIMARY KEY REFERENCES letters(id) ON DELETE CASCADE,
    message BLOB NOT NULL -- apart, so that a change of state writes one page and not fifty kB
)
"""

_DIGITS = "title:" + 16 * "[0-9a-f]"
#: The digits as a number of 64 bits; from 8 as the first on it is negative, so those come first.
_NUMBER = " | ".join(
    f"(instr('123456789abcdef', substr(alias, {7 + place}, 1)) << {60 - 4 * place})"
    for place in range(16)
)
_TITLE_HASHES = f"""
CREATE TABLE title_hashes (
    hash INTEGER PRIMARY KEY, -- of title:<hash>, the sixteen digits as 64 bits with a sign
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE
);

CREATE TABLE other_ids (
    alias TEXT PRIMARY KEY, -- doi:..., arxiv:...
    paper_id INTEGER NOT NULL REFERENCES papers(id) ON DELETE CASCADE
) WITHOUT ROWID;

INSERT INTO title_hashes SELECT {_NUMBER}, paper_id FROM aliases
WHERE alias GLOB '{_DIGITS}' AND alias >= 'title:8' ORDER BY alias;

INSERT INTO title_hashes SELECT {_NUMBER}, paper_id FROM aliases
WHERE alias GLOB '{_DIGITS}' AND alias < 'title:8' ORDER BY alias;

INSERT INTO other_ids SELECT alias, paper_id FROM aliases
WHERE alias NOT GLOB '{_DIGITS}' ORDER BY alias;

CREATE INDEX title_hashes_by_paper ON title_hashes (paper_id);

CREATE INDEX other_ids_by_paper ON other_ids (paper_id);

DROP TABLE aliases;

CREATE VIEW aliases AS
SELECT alias, paper_id FROM other_ids
UNION ALL SELECT printf('title:%016x', hash), paper_id FROM title_hashes
"""

_IMPACTS = """
CREATE VIRTUAL TABLE impacts_fts USING fts5(
    words, content="", detail=none, columnsize=0, tokenize="porter unicode61 remove_diacritics 2"
)
"""
