-- Tenants are kept apart by the database as well. The server works as a role that owns nothing and
-- sees the rows of those tenants alone that its session names; a statement that forgets its tenant
-- finds nothing and writes nothing. The owner of the tables is not held to it, so that it can
-- migrate and back up.

-- Roles belong to all databases of a PostgreSQL, and another one may be making it just now.
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

-- Who migrates may serve as well. Where that is not for this user to grant, the server says so when
-- it starts.
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

-- The tenants of the session: those that the setting 'runstate.tenants' lists, none without it. A
-- policy asks in a subquery, once a statement, and by array_position: the planner neither looks for
-- an index for it nor takes it to leave few rows, so the plans stay those that the statement's own
-- tenant asks for.
CREATE FUNCTION session_tenants() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('runstate.tenants', true), '')::uuid[];

-- Opens a table or a view of tenants' rows to the server, each tenant's to itself.
CREATE FUNCTION keep_tenants_apart(relation regclass) RETURNS void
    LANGUAGE plpgsql AS
$$
BEGIN
    IF (SELECT relkind = 'v' FROM pg_class WHERE oid = relation) THEN
        -- Else a view would read with its owner's eyes.
        EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', relation);
    ELSE
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY own_tenants ON %s TO runstate_server
             USING (array_position((SELECT session_tenants()), tenant_id) IS NOT NULL)', relation);
    END IF;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO runstate_server', relation);
END;
$$;

SELECT keep_tenants_apart(attrelid::regclass)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE attname = 'tenant_id' AND relkind IN ('r', 'v')
  AND relnamespace = current_schema()::regnamespace;

-- The counted columns and the rows of script_counts are for triggers alone to write.
REVOKE INSERT, UPDATE ON user_state FROM runstate_server;
GRANT INSERT (tenant_id, script_id, id, success_device_count, error_device_count,
              user_principal_name),
      UPDATE (id, success_device_count, error_device_count, user_principal_name)
    ON user_state TO runstate_server;

REVOKE INSERT, UPDATE, DELETE ON script_counts, run_summary FROM runstate_server;
GRANT UPDATE (script_id, success_device_count, error_device_count, success_user_count,
              error_user_count)
    ON script_counts TO runstate_server;
GRANT UPDATE (id, success_device_count, error_device_count, success_user_count, error_user_count)
    ON run_summary TO runstate_server;

GRANT SELECT ON page_token_key, _sqlx_migrations TO runstate_server;

-- A page token is good in its own tenant alone: what signs it is the secret and the tenant.
DROP FUNCTION skip_token(text, text, text[]);

CREATE FUNCTION skip_token(tenant uuid, collection text, scan text, place text[]) RETURNS text
    LANGUAGE sql STABLE STRICT
RETURN (
    SELECT translate(encode(sha256(secret.key || uuid_send(tenant) || sha256(payload.bytes))
                            || payload.bytes, 'base64'), E'+/=\n', '-_')
    FROM page_token_key AS secret,
         (SELECT convert_to(
              json_build_object('collection', collection, 'scan', scan, 'after', place)::text,
              'UTF8') AS bytes) AS payload);

-- Triggers do what they do as the owner, whose names nobody else can shadow. All other functions
-- but keep_tenants_apart compute for the server.
DO $$
DECLARE
    own regnamespace := current_schema()::regnamespace;
    routine record;
BEGIN
    EXECUTE format('REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA %s FROM PUBLIC', own);
    FOR routine IN
        SELECT oid::regprocedure AS name, prorettype = 'trigger'::regtype AS is_trigger
        FROM pg_proc
        WHERE pronamespace = own AND oid <> 'keep_tenants_apart'::regproc
    LOOP
        IF routine.is_trigger THEN
            EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s, pg_temp',
                           routine.name, own);
        ELSE
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO runstate_server', routine.name);
        END IF;
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %s TO runstate_server', own);
    -- In a schema or a session where the server could make something, it could put it before ours.
    EXECUTE format('REVOKE CREATE ON SCHEMA %s FROM PUBLIC', own);
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END;
$$;
