-- Histories to read: psql variables members and sessions (of each). Members are called 1, 2, 3…; session s of member m played
-- the title (7919 × m + 31 × s) mod 20000, so that a client can name the titles of a member. In random order, as they came in.
SELECT setseed(0.5);
INSERT INTO playback_session (
    member_id, session_id, title_id, started_at, last_watched_at, position_ms, runtime_ms, watched_ms, missing_events,
    completed, approximate, device_id, device_type, state, revision, updated_at)
SELECT m, gen_random_uuid(), (7919 * m + 31 * s) % 20000, started_at, started_at + interval '30 minutes', 1800000, 5400000, 1800000, 0,
       false, false, gen_random_uuid(), 'tv',
       -- Random bytes in place of the fold's state, as many as there are in a session of 30 minutes: these reads do not look into it.
       substring(decode(repeat(md5(random()::text), 8), 'hex') FOR 124),
       nextval('session_revision'), now()
FROM generate_series(1, :members) m, generate_series(1, :sessions) s,
     LATERAL (SELECT date_trunc('milliseconds', now() - (m + s - m) * interval '7 hours' - random() * interval '3 hours') AS started_at) t
ORDER BY random();
VACUUM (ANALYZE) playback_session;
