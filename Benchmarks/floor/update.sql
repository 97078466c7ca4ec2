-- The update floor, for pgbench: the least that PostgreSQL needs to take an event each of 1,000 known sessions.
-- It sets the columns that the processor sets.
\set batch :batch + 1
UPDATE playback_session s
SET (title_id, started_at, last_watched_at, position_ms, runtime_ms, watched_ms, missing_events, completed, approximate,
     device_id, device_type, state)
        = ROW (c.title_id, c.started_at, c.last_watched_at, c.position_ms, c.runtime_ms, c.watched_ms, 0, false, false,
               c.device_id, c.device_type, c.state),
    revision = nextval('session_revision'), updated_at = clock_timestamp()
FROM changed_session c
WHERE c.batch = :batch AND s.member_id = c.member_id AND s.session_id = c.session_id;
