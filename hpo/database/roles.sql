-- Least privilege for a database of hpo; run by its owner, any number of times (hpo db init does).
-- {database}, {worker} and {dashboard} are names; the tables are Optuna's and exist.

-- Nobody but the owner, who keeps all rights, comes in unless named below.
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {worker}, {dashboard};
GRANT USAGE ON SCHEMA public TO {worker}, {dashboard};

-- Workers, replays and orders: create and change studies and trials; delete, alter and create nothing else.
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {worker};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {worker};

-- The dashboard, status, best and export: read.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {dashboard};
