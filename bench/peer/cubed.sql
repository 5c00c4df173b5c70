COPY (
    SELECT month, brand, country, channel, category, count(*) AS cases, count(DISTINCT customer) AS persons,
        avg(handling) AS handling_mean, median(handling) AS handling_median, avg(satisfaction) AS satisfaction_mean
    FROM (SELECT *, strftime(closed_at, '%Y-%m') AS month, (epoch(closed_at) - epoch(opened_at)) / 3600 AS handling FROM cases)
    GROUP BY month, CUBE (brand, country, channel, category) HAVING count(DISTINCT customer) >= 10 ORDER BY ALL
) TO '$OUT' (HEADER, DELIMITER ',');
