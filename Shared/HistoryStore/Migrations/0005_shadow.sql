-- Sessions that began while their member was shadowed: those that both histories must agree on.
CREATE TABLE shadowed_session (
    member_id  text        COLLATE "C" NOT NULL,
    session_id text        COLLATE "C" NOT NULL,
    -- When its row was inserted, with its event of seq 0; 'infinity' while only a copy that was not made is known of it.
    began_at   timestamptz NOT NULL,
    -- A copy of one of its events was not made, or nobody can tell.
    not_copied boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (member_id, session_id)
);
