-- The floor of `GET titles/{t}/bookmark`, for pgbench: the statement of HistorySQL.bookmark.
\set member random(1, :members)
\set session random(1, :sessions)
\set title (7919 * :member + 31 * :session) % 20000
SELECT s.session_id, s.title_id, s.started_at, s.last_watched_at, s.position_ms, s.runtime_ms, s.watched_ms, s.missing_events,
       s.completed, s.approximate, s.device_id, s.device_type, s.revision,
       (SELECT b.data FROM title_bookmark b WHERE b.member_id = :member::text AND b.first_title <= :title::text
        ORDER BY b.first_title DESC LIMIT 1)
FROM playback_session s
WHERE s.member_id = :member::text AND s.title_id = :title::text
  AND ((SELECT NOT EXISTS (SELECT FROM hidden_title h WHERE h.member_id = :member::text))
       OR NOT EXISTS (
          SELECT FROM hidden_title h
          WHERE h.member_id = :member::text AND h.title_id IN (s.title_id, '') AND h.hidden_until >= s.last_watched_at))
ORDER BY (s.watched_ms > 0) DESC, s.last_watched_at DESC, s.started_at DESC, s.session_id DESC LIMIT 1;
