-- What is in the database: sessions, distinct events, watched milliseconds, dead letters.
-- Events of the benchmarks lie 10 s apart in position (workload.py), so position and missing events tell how many went in.
SELECT count(*), coalesce(sum(position_ms / 10000 + 1 - missing_events), 0), coalesce(sum(watched_ms), 0),
       (SELECT count(*) FROM dead_letter)
FROM playback_session;
