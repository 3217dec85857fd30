-- Rights: what the server may do in this database, all in one place.
--
-- Two users matter. The owner ran the migrations and owns every object. The server logs in as any
-- user, but its statements run as the role `runstate_server`, which owns nothing. Row-level security
-- shows that role only the rows of the tenants that its session names (the setting
-- `runstate.tenants`): a statement that forgets its tenant finds no row and writes none. The owner
-- sees all rows, so that it can migrate and back up.
--
-- `set_rights()` below gives the rights by rules, so that nobody has to remember them for each object.
-- Every later migration that makes a table or a function ends with `SELECT set_rights();`.

-- Roles belong to all databases of a PostgreSQL server. Another database may be creating the same role
-- at this moment.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'runstate_server') THEN
        CREATE ROLE runstate_server NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL;
    WHEN insufficient_privilege THEN
        RAISE undefined_object USING MESSAGE = format(
            'the server needs the role runstate_server, which %s may not create; have an '
            'administrator run: CREATE ROLE runstate_server NOLOGIN; '
            'GRANT runstate_server TO %1$I', current_user);
END;
$$;

-- The owner may serve as well, if it is allowed to grant itself the role. If not, the server says what
-- to do when it starts.
DO $$
BEGIN
    SET LOCAL ROLE runstate_server;
    RESET ROLE;
EXCEPTION
    WHEN insufficient_privilege THEN
        BEGIN
            EXECUTE format('GRANT runstate_server TO %I', current_user);
        EXCEPTION
            WHEN insufficient_privilege OR unique_violation THEN NULL;
        END;
END;
$$;

-- The tenants of the session: a list in the setting `runstate.tenants`, none if it is not set.
CREATE FUNCTION session_tenants() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('runstate.tenants', true), '')::uuid[];

-- Gives all rights, to what is new and to what has been replaced. The rules:
--
--   * A table with a column `tenant_id` gets the policy `own_tenants`, and the server may read and
--     write it. The policy reads the setting in a subquery, once for each statement, and compares
--     with `array_position`: the planner neither looks for an index for it nor expects it to leave
--     few rows, so plans stay those that the statement's own tenant asks for.
--   * A trigger function runs as the owner (SECURITY DEFINER), since it writes what the server may
--     not. Its search_path is fixed, so that nobody can put objects of their own in front of ours.
--     CREATE OR REPLACE FUNCTION takes both away again; `set_rights()` puts them back.
--   * A function that returns nothing is a command for the owner: nobody else may call it.
--   * A procedure is maintenance that needs the owner's rights: it runs as the owner, with a fixed
--     search_path, and the server may call it.
--   * Any other function computes something, with the rights of its caller: the server may call it.
--   * Views and other tables are the owner's. Exceptions are granted by hand, below.
CREATE FUNCTION set_rights() RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    own regnamespace := current_schema()::regnamespace;
    relation regclass;
    routine record;
BEGIN
    FOR relation IN
        SELECT class.oid FROM pg_class AS class
        JOIN pg_attribute ON attrelid = class.oid AND attname = 'tenant_id'
        WHERE relnamespace = own AND relkind IN ('r', 'p') AND NOT relispartition
          AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = class.oid)
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY own_tenants ON %s TO runstate_server
             USING (array_position((SELECT session_tenants()), tenant_id) IS NOT NULL)', relation);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO runstate_server', relation);
    END LOOP;

    FOR routine IN
        SELECT oid::regprocedure AS name,
               CASE prokind WHEN 'p' THEN 'procedure' ELSE prorettype::regtype::text END AS returns
        FROM pg_proc
        WHERE pronamespace = own AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', routine.name);
        CASE routine.returns
            WHEN 'trigger' THEN
                EXECUTE format('ALTER ROUTINE %s SECURITY DEFINER SET search_path = %s, pg_temp',
                               routine.name, own);
            WHEN 'procedure' THEN
                EXECUTE format('ALTER ROUTINE %s SECURITY DEFINER SET search_path = %s, pg_temp',
                               routine.name, own);
                EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO runstate_server', routine.name);
            WHEN 'void' THEN
                NULL;
            ELSE
                EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO runstate_server', routine.name);
        END CASE;
    END LOOP;

    EXECUTE format('GRANT USAGE ON SCHEMA %s TO runstate_server', own);
    -- Whoever could create objects in this schema or in a temporary one could put them before ours.
    EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM PUBLIC', own);
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END;
$$;

SELECT set_rights();

-- Counted columns are written by triggers only. Rows of `script_counts` come and go with their scripts.
REVOKE INSERT, UPDATE ON user_state FROM runstate_server;
GRANT INSERT (tenant_id, script_id, id, success_device_count, error_device_count,
              user_principal_name),
      UPDATE (id, success_device_count, error_device_count, user_principal_name)
    ON user_state TO runstate_server;

REVOKE INSERT, UPDATE, DELETE ON script_counts FROM runstate_server;
GRANT UPDATE (id, success_device_count, error_device_count, success_user_count,
              error_user_count)
    ON script_counts TO runstate_server;

-- Versions are written by triggers only. The server reads them, with its own rights, through views.
REVOKE INSERT, UPDATE, DELETE ON device_state_history FROM runstate_server;
GRANT SELECT ON retention_of_script, device_state_at, device_state_version TO runstate_server;
REVOKE INSERT, UPDATE ON device_state FROM runstate_server;
GRANT INSERT (tenant_id, script_id, id, user_state_id, last_state_update, last_state_update_offset,
              run_state, error_code, result_message, error_description, managed_device_id),
      UPDATE (id, user_state_id, last_state_update, last_state_update_offset, run_state, error_code,
              result_message, error_description, managed_device_id)
    ON device_state TO runstate_server;

-- The server reads the key of page tokens, and which migrations were run.
GRANT SELECT ON page_token_key, _sqlx_migrations TO runstate_server;
