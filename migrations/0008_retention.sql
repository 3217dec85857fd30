-- Retention: how long the history of run states is kept, and how long run states themselves.
--
-- A tenant has a policy, and a script may have one of its own. Where a policy says nothing (null),
-- the next one decides: the script's, the tenant's, then the default. The default keeps versions for
-- the days that the server's session setting `runstate.history_days` says, and run states for ever.

-- For how many days a version is kept after it was superseded: 0 keeps none, 32767 keeps all for ever.
-- There are few classes, so that versions of one class can be stored, and dropped, together
-- (0009_history.sql).
CREATE DOMAIN history_days AS smallint CHECK (VALUE IN (0, 7, 30, 90, 365, 32767));

-- How many versions of a run state are shown, and for how many days a run state is kept after its last
-- report. The largest number stands for all, and for ever.
CREATE DOMAIN retention_limit AS integer CHECK (VALUE >= 1);

CREATE TABLE retention (
    tenant_id uuid NOT NULL,
    history_days history_days,
    history_versions retention_limit,
    run_state_days retention_limit,
    CONSTRAINT retention_key PRIMARY KEY (tenant_id)
);

CREATE TABLE script_retention (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    history_days history_days,
    history_versions retention_limit,
    run_state_days retention_limit,
    CONSTRAINT script_retention_key PRIMARY KEY (tenant_id, script_id),
    CONSTRAINT script_retention_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE
);

CREATE FUNCTION default_history_days() RETURNS history_days
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('runstate.history_days', true), ''), '90')::history_days;

-- The policy of each script. It has the rights of its caller, so row-level security holds.
CREATE VIEW retention_of_script WITH (security_invoker = true) AS
    SELECT counts.tenant_id, counts.id AS script_id,
           coalesce(own.history_days, tenant.history_days, default_history_days()) AS history_days,
           coalesce(own.history_versions, tenant.history_versions, 2147483647) AS history_versions,
           coalesce(own.run_state_days, tenant.run_state_days, 2147483647) AS run_state_days
    FROM script_counts AS counts
    LEFT JOIN script_retention AS own
        ON own.tenant_id = counts.tenant_id AND own.script_id = counts.id
    LEFT JOIN retention AS tenant ON tenant.tenant_id = counts.tenant_id;
