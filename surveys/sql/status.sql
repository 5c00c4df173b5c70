-- name: sendings
SELECT sending.state, count(*) FROM sending JOIN invitation USING (invitation)
WHERE survey = :survey AND wave = :wave GROUP BY sending.state ORDER BY sending.state;

-- name: answered
SELECT count(*) FROM invitation WHERE survey = :survey AND wave = :wave AND state = 'answered';
