-- Browsers sent the portal's cookie to the shop of the same host too, which stored it as the id of a
-- cart: whoever read that there has the session. So all sessions end, and everybody signs in anew.
-- What page views are told apart by may be such a token as well; the figures count it, so it gets a
-- name that opens nothing.
-- sqlite:
DELETE FROM user_sessions;
UPDATE page_views
   SET session_id = 'erased-' || visitor.first_id
  FROM (SELECT session_id, min(id) AS first_id FROM page_views GROUP BY session_id) visitor
 WHERE page_views.session_id = visitor.session_id;

-- postgres:
DELETE FROM user_sessions;
UPDATE page_views
   SET session_id = 'erased-' || visitor.first_id
  FROM (SELECT session_id, min(id) AS first_id FROM page_views GROUP BY session_id) visitor
 WHERE page_views.session_id = visitor.session_id;
