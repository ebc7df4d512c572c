-- Least privilege for a database of hpo; run by its owner, any number of times (hpo db init does).
-- {database}, {schema}, {worker} and {dashboard} are names; the tables are there: Optuna's, and ours for artifacts.

-- Nobody but the owner, who keeps all rights, comes in unless named below.
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {worker}, {dashboard};
GRANT USAGE ON SCHEMA {schema} TO {worker}, {dashboard};

-- Workers, replays and orders: create and change studies and trials, keep and drop policies; delete, alter and
-- create nothing else.
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {schema} TO {worker};
GRANT DELETE ON {schema}.hpo_artifacts TO {worker};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {worker};

-- The dashboard, status, best and export: read.
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {dashboard};

-- Their connections find the tables by themselves.
ALTER ROLE {worker} IN DATABASE {database} SET search_path = {schema};
ALTER ROLE {dashboard} IN DATABASE {database} SET search_path = {schema};
