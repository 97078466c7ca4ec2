-- Viewing that rests: the compacted part of history, what is kept beside it, and the sums over all members.

CREATE TABLE history_chunk (
    member_id       text        COLLATE "C" NOT NULL,
    id              bigint      GENERATED ALWAYS AS IDENTITY,
    -- Of its sessions: the earliest and the latest startedAt. Chunks of a member do not overlap.
    oldest          timestamptz NOT NULL,
    newest          timestamptz NOT NULL,
    -- The latest lastWatchedAt, and when the last of them ended.
    last_watched_at timestamptz NOT NULL,
    ended_at        timestamptz NOT NULL,
    sessions        integer     NOT NULL,
    -- 32 bits of a hash of each session's id: a single session is found without reading the others' chunks.
    session_hashes  integer[]   NOT NULL,
    -- Message HistoryChunk of Shared/Wire/playhead.proto, at most 64 KiB.
    data            bytea       COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (member_id, newest, id)
);
-- Hashes are as good as random: trying to compress them would only take time.
ALTER TABLE history_chunk ALTER COLUMN session_hashes SET STORAGE EXTERNAL;

-- Bookmarks of titles with compacted sessions, in pages of neighbouring titles: a row for each would take more than the sessions themselves.
CREATE TABLE title_bookmark (
    member_id   text  COLLATE "C" NOT NULL,
    -- The page holds titles from here to the next page. The first begins with ''.
    first_title text  COLLATE "C" NOT NULL,
    -- Message TitleBookmarkPage of Shared/Wire/playhead.proto.
    data        bytea COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (member_id, first_title)
);

-- What was viewed of a title in compacted sessions that started on a day, by UTC. Days with live sessions are summed up at reading.
CREATE TABLE title_day (
    day         date    NOT NULL,
    title_id    text    COLLATE "C" NOT NULL,
    -- Clients may claim any watch time, and no sum may overflow. Small numbers are also smaller so than as bigint.
    views       numeric NOT NULL,
    watched_ms  numeric NOT NULL,
    completions numeric NOT NULL,
    viewers     numeric NOT NULL,
    PRIMARY KEY (title_id, day)
);

-- How far the walks over all members have come, which compactors share.
CREATE TABLE member_walk (
    purpose  text        PRIMARY KEY,
    -- Members up to here have been looked at since the walk began.
    position text        COLLATE "C" NOT NULL DEFAULT '',
    began_at timestamptz NOT NULL DEFAULT now(),
    -- When the one before had been through all of them.
    ended_at timestamptz
);

-- Whoever compacts or erases a member asks what of it is still to be announced.
CREATE INDEX change_outbox_member ON change_outbox (member_id, session_id);
