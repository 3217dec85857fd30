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

-- Which policy decides a value: the script's, else the tenant's, else the server's default.
CREATE FUNCTION deciding_policy(of_script integer, of_tenant integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN of_script IS NOT NULL THEN 'script' WHEN of_tenant IS NOT NULL THEN 'tenant'
            ELSE 'server' END;

-- The policy in force for a tenant, or for the script `holder`, and which policy each value is from;
-- besides, what the history takes. No row if there is no such script.
CREATE FUNCTION retention_in_force(tenant uuid, holder uuid)
    RETURNS TABLE (history_days smallint, history_days_source text,
                   history_versions integer, history_versions_source text,
                   run_state_days integer, run_state_days_source text,
                   oldest_version text, versions bigint, bytes bigint, is_estimate boolean)
    LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN QUERY
    SELECT coalesce(script.history_days, own_tenant.history_days, default_history_days())::smallint,
           deciding_policy(script.history_days, own_tenant.history_days),
           coalesce(script.history_versions, own_tenant.history_versions, 2147483647)::integer,
           deciding_policy(script.history_versions, own_tenant.history_versions),
           coalesce(script.run_state_days, own_tenant.run_state_days, 2147483647)::integer,
           deciding_policy(script.run_state_days, own_tenant.run_state_days),
           date_time_offset(ticks(usage.oldest_version), 0::smallint), usage.versions, usage.bytes,
           usage.is_estimate
    FROM history_usage(tenant, holder) AS usage
    LEFT JOIN retention AS own_tenant ON own_tenant.tenant_id = tenant
    LEFT JOIN script_retention AS script
        ON script.tenant_id = tenant AND script.script_id = holder
    WHERE holder IS NULL
       OR EXISTS (SELECT FROM script_counts AS counts
                  WHERE counts.tenant_id = tenant AND counts.id = holder);
END;
$$;

-- Writes a policy; returns whether what it is for exists. Of the policy of a tenant, a null keeps the
-- value; in that of the script `holder`, a null leaves the value to the tenant.
CREATE FUNCTION set_retention(
    tenant uuid, holder uuid, days smallint, versions integer, states integer) RETURNS boolean
    LANGUAGE plpgsql AS
$$
BEGIN
    IF holder IS NULL THEN
        INSERT INTO retention AS policy (tenant_id, history_days, history_versions, run_state_days)
        VALUES (tenant, days, versions, states)
        ON CONFLICT (tenant_id) DO UPDATE
        SET history_days = coalesce(excluded.history_days, policy.history_days),
            history_versions = coalesce(excluded.history_versions, policy.history_versions),
            run_state_days = coalesce(excluded.run_state_days, policy.run_state_days);
    ELSE
        INSERT INTO script_retention (
            tenant_id, script_id, history_days, history_versions, run_state_days)
        SELECT tenant_id, id, days, versions, states FROM script
        WHERE tenant_id = tenant AND id = holder
        FOR KEY SHARE
        ON CONFLICT (tenant_id, script_id) DO UPDATE
        SET history_days = excluded.history_days,
            history_versions = excluded.history_versions,
            run_state_days = excluded.run_state_days;
    END IF;
    RETURN FOUND;
END;
$$;

-- Removes the policy of the tenant, or that of the script `holder`; returns whether what it is for
-- exists.
CREATE FUNCTION remove_retention(tenant uuid, holder uuid) RETURNS boolean
    LANGUAGE plpgsql AS
$$
BEGIN
    IF holder IS NULL THEN
        DELETE FROM retention WHERE tenant_id = tenant;
        RETURN true;
    END IF;
    DELETE FROM script_retention WHERE tenant_id = tenant AND script_id = holder;
    RETURN EXISTS (SELECT FROM script WHERE tenant_id = tenant AND id = holder);
END;
$$;
