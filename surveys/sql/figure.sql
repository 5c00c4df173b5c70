-- name: shown
SELECT size, sketch FROM plan_figure WHERE k = :k ORDER BY figure DESC;

-- name: add
INSERT INTO plan_figure (shown_at, k, size, sketch) VALUES (:now, :k, :size, :sketch);

-- name: lately
SELECT count(*) FROM plan_figure WHERE shown_at > :since;
