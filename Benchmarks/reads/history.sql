-- The floor of `GET history?limit=20`, for pgbench: the statement of HistorySQL.page with what the service gives it.
\set member random(1, :members)
SELECT s.session_id, s.title_id, s.started_at, s.last_watched_at, s.position_ms, s.runtime_ms, s.watched_ms, s.missing_events,
       s.completed, s.approximate, s.device_id, s.device_type, s.revision, m.epoch, m.compacted_through
FROM (VALUES (1)) AS one LEFT JOIN member_state m ON m.member_id = :member::text LEFT JOIN LATERAL (
    SELECT s.session_id, s.title_id, s.started_at, s.last_watched_at, s.position_ms, s.runtime_ms, s.watched_ms, s.missing_events,
           s.completed, s.approximate, s.device_id, s.device_type, s.revision
    FROM playback_session s
    WHERE s.member_id = :member::text AND s.started_at >= '-infinity' AND s.started_at < 'infinity'
      AND (s.started_at, s.session_id) < ('infinity', '')
      AND ((SELECT NOT EXISTS (SELECT FROM hidden_title h WHERE h.member_id = :member::text))
           OR NOT EXISTS (
              SELECT FROM hidden_title h
              WHERE h.member_id = :member::text AND h.title_id IN (s.title_id, '') AND h.hidden_until >= s.last_watched_at))
    ORDER BY s.started_at DESC, s.session_id DESC LIMIT 21) s ON true;
