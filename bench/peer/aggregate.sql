COPY (
    SELECT strftime(closed_at, '%Y-%m') AS month, brand, country, channel, category, count(*) AS cases,
        count(DISTINCT customer) AS persons, avg(epoch(closed_at) - epoch(opened_at)) / 3600 AS handling_mean,
        median(epoch(closed_at) - epoch(opened_at)) / 3600 AS handling_median, avg(satisfaction) AS satisfaction_mean
    FROM cases GROUP BY ALL HAVING count(DISTINCT customer) >= 10 ORDER BY ALL
) TO '$OUT' (HEADER, DELIMITER ',');
