CREATE TABLE IF NOT EXISTS cases (case_id VARCHAR PRIMARY KEY, customer VARCHAR, opened_at TIMESTAMP, closed_at TIMESTAMP,
    brand VARCHAR, country VARCHAR, channel VARCHAR, category VARCHAR, satisfaction INTEGER);
INSERT OR REPLACE INTO cases
SELECT case_id, left(sha256('a-key-of-32-bytes-0123456789abcd' || lower(trim(customer_id))), 32), opened_at, closed_at,
    brand, country, channel, category, satisfaction
FROM read_csv('$IN', header = true, quote = '"', escape = '"', columns = {
    'case_id': 'VARCHAR', 'customer_id': 'VARCHAR', 'opened_at': 'TIMESTAMP', 'closed_at': 'TIMESTAMP', 'brand': 'VARCHAR',
    'country': 'VARCHAR', 'channel': 'VARCHAR', 'category': 'VARCHAR', 'subcategory': 'VARCHAR', 'order_id': 'VARCHAR',
    'order_value': 'DOUBLE', 'payment': 'VARCHAR', 'agent': 'VARCHAR', 'resolution': 'VARCHAR', 'satisfaction': 'INTEGER',
    'subject': 'VARCHAR'});
CHECKPOINT;
