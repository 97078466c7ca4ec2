-- Pre-made rows for the floors: made before any clock starts, as wide as those that the processor writes for the
-- same events, 1,000 a batch. psql variables: rows, members.
--
-- Unlogged, in the order of their batches and frozen, so that reading them costs the measured statement next to
-- nothing.

SELECT setseed(0.5);

-- The first row of a session of one event. Its keys are in no order, as sessions of real members arrive.
CREATE UNLOGGED TABLE new_session AS
SELECT (n - 1) / 1000 AS batch,
       'm-' || lpad((floor(random() * :members))::int::text, 6, '0') AS member_id,
       gen_random_uuid()::text AS session_id,
       (80000000 + floor(random() * 20000))::int::text AS title_id,
       date_trunc('milliseconds', now() - random() * interval '7 days') AS started_at,
       5400000::bigint AS runtime_ms,
       gen_random_uuid()::text AS device_id,
       'tv' AS device_type,
       -- Random bytes in place of the fold's state: nothing below the processor looks into it.
       substring(decode(repeat(md5(random()::text), 8), 'hex') FOR 89) AS state
FROM generate_series(1, :rows) AS n;

-- The same sessions one event later, in another random order.
CREATE UNLOGGED TABLE changed_session AS
SELECT (row_number() OVER (ORDER BY random()) - 1) / 1000 AS batch,
       member_id, session_id, title_id, started_at, started_at + interval '10 seconds' AS last_watched_at,
       10000::bigint AS position_ms, runtime_ms, 10000::bigint AS watched_ms, device_id, device_type,
       substring(decode(repeat(md5(random()::text), 8), 'hex') FOR 124) AS state
FROM new_session
ORDER BY batch;

CREATE INDEX ON new_session (batch);
CREATE INDEX ON changed_session (batch);
VACUUM (FREEZE, ANALYZE) new_session, changed_session;
