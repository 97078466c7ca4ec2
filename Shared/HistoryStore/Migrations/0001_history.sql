-- The live part of viewing history, what guards it, and what could not be applied.

-- Every write of a session takes a fresh value, so that none recurs: a writer updates only the row that it folded onto.
CREATE SEQUENCE session_revision;

CREATE TABLE playback_session (
    -- COLLATE "C": bytes, as the ids are opaque; also several times faster to compare.
    member_id       text        COLLATE "C" NOT NULL,
    session_id      text        COLLATE "C" NOT NULL,
    title_id        text        COLLATE "C" NOT NULL,
    started_at      timestamptz NOT NULL,
    last_watched_at timestamptz NOT NULL,
    position_ms     bigint      NOT NULL,
    runtime_ms      bigint,
    watched_ms      bigint      NOT NULL,
    missing_events  bigint      NOT NULL,
    revision        bigint      NOT NULL,
    updated_at      timestamptz NOT NULL,
    completed       boolean     NOT NULL,
    approximate     boolean     NOT NULL,
    device_id       text,
    device_type     text,
    -- The fold's state: message SessionState of Shared/Wire/playhead.proto.
    state           bytea       NOT NULL,
    PRIMARY KEY (member_id, session_id)
    -- Room in each page for the next version of its rows: with no indexed column changed, a heartbeat is a heap-only update.
) WITH (fillfactor = 70);

-- The only read index, on columns that updates leave alone: pages of history in order, and a title's sessions for its bookmark.
CREATE INDEX playback_session_read ON playback_session (member_id, started_at, title_id);

-- A member once compacted or erased. The epoch rises with each of those, so that nothing decided before can be written after.
CREATE TABLE member_state (
    member_id         text   COLLATE "C" PRIMARY KEY,
    epoch             bigint NOT NULL,
    compacted_through timestamptz,
    erased_at         timestamptz
);

-- What cannot be applied, kept to be looked at and replayed.
CREATE TABLE dead_letter (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of the payload: a redelivered entry is the same dead letter.
    content_hash bytea       NOT NULL UNIQUE,
    stream       text        NOT NULL,
    entry_id     text        NOT NULL,
    reason       text        NOT NULL,
    payload      bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);
