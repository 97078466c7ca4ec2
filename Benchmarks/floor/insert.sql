-- The insert floor, for pgbench: the least that PostgreSQL needs to take 1,000 new sessions.
\set batch :batch + 1
INSERT INTO playback_session (
    member_id, session_id, title_id, started_at, last_watched_at, position_ms, runtime_ms, watched_ms, missing_events,
    completed, approximate, device_id, device_type, state, revision, updated_at)
SELECT member_id, session_id, title_id, started_at, started_at, 0, runtime_ms, 0, 0,
       false, false, device_id, device_type, state, nextval('session_revision'), clock_timestamp()
FROM new_session
WHERE batch = :batch;
