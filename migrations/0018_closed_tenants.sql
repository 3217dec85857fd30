-- Closed tenants: tenants that this database does not serve, or not for writes, because they are moved to
-- another database or were moved there.
--
-- Upgrade: new objects
-- Upgrade: lock of application
-- Upgrade: lock of application_secret
-- Upgrade: lock of assignment
-- Upgrade: lock of audit_event
-- Upgrade: lock of authorization_code
-- Upgrade: lock of device_code
-- Upgrade: lock of device_state
-- Upgrade: lock of device_state_history
-- Upgrade: lock of directory_user
-- Upgrade: lock of idempotency_key
-- Upgrade: lock of managed_device
-- Upgrade: lock of refresh_token
-- Upgrade: lock of retention
-- Upgrade: lock of script
-- Upgrade: lock of script_counts
-- Upgrade: lock of script_retention
-- Upgrade: lock of sign_in_session
-- Upgrade: lock of tenant_domain
-- Upgrade: lock of token_family
-- Upgrade: lock of user_state
--
-- A tenant without a row is open. The states:
--
--   * read-only: its rows are exported. Reads go on; a write is told to come back later.
--   * arriving: its rows are imported. All requests are told to come back later.
--   * moved: it has left this database for ever. All requests are told that it is elsewhere.
--
-- Writes. The policies of row-level security read this table, so each statement of each server obeys it
-- from the commit of the row on, and no server has to learn of it. A statement takes its lock on a table
-- before its snapshot. So the command that closes a tenant waits until every transaction has ended that
-- holds such a lock at that time: all later statements see the row, and nothing of the tenant is written
-- any more. The table is empty or small, and is read as a whole (by `array_position`, which no index
-- serves): that costs a microsecond or two, and less than a look into an index.
--
-- Reads. A server reads this table each time when it opens a session to a tenant, which it repeats after
-- a second (src/database/session.rs). So the rows of a tenant that has left are removed some seconds after
-- that was committed, and no reader sees a part of them.

CREATE TABLE closed_tenant (
    tenant uuid PRIMARY KEY,
    state text COLLATE "C" NOT NULL CHECK (state IN ('read-only', 'arriving', 'moved')),
    since timestamptz NOT NULL DEFAULT now()
);

-- Refuses a statement because of a closed tenant. The server reads the SQLSTATE and the detail; servers
-- of 0.1.0 take every SQLSTATE of the class 55 for a database that is busy, and have the client retry.
CREATE FUNCTION refuse_closed_tenant(tenant uuid, state text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS
$$
BEGIN
    IF state = 'moved' THEN
        RAISE SQLSTATE '55T02' USING DETAIL = tenant,
            MESSAGE = format('the tenant %s has left this database', tenant);
    END IF;
    RAISE SQLSTATE '55T01' USING DETAIL = tenant,
        MESSAGE = format('the tenant %s is being moved', tenant);
END;
$$;

-- Gives a table with a column `tenant_id` its policies. `own_tenants` shows the rows of the tenants of the
-- session, as in 0014_rights.sql, and now checks new rows with `refuse_closed_tenant`, once for each
-- statement. A DELETE has no new rows, so it has a policy of its own.
CREATE FUNCTION set_policies(relation regclass) RETURNS void
    LANGUAGE plpgsql AS
$$
DECLARE
    is_own CONSTANT text := 'array_position((SELECT session_tenants()), tenant_id) IS NOT NULL';
    is_own_and_open CONSTANT text := $sql$
        array_position((
            SELECT session_tenants() WHERE (
                SELECT refuse_closed_tenant(closed.tenant, closed.state)
                FROM closed_tenant AS closed
                WHERE array_position(session_tenants(), closed.tenant) IS NOT NULL) IS NULL),
            tenant_id) IS NOT NULL
    $sql$;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format('DROP POLICY IF EXISTS own_tenants ON %s', relation);
    EXECUTE format('CREATE POLICY own_tenants ON %s TO runstate_server USING (%s) WITH CHECK (%s)',
                   relation, is_own, is_own_and_open);
    EXECUTE format('CREATE POLICY open_tenants ON %s AS RESTRICTIVE FOR DELETE TO runstate_server '
                   'USING (%s)', relation, is_own_and_open);
END;
$$;

-- Gives all rights; 0014_rights.sql has the rules.
CREATE OR REPLACE FUNCTION set_rights() RETURNS void
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
        PERFORM set_policies(relation);
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

-- The keys with which other databases signed page tokens of a tenant before it was moved here. The
-- server accepts those tokens as well, and signs new ones with the key of this database.
CREATE TABLE former_page_token_key (
    tenant_id uuid NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT former_page_token_key_key PRIMARY KEY (tenant_id, key)
);

-- The policies and triggers below need all these tables for a moment. Statements of running servers lock
-- them in other orders, so that a deadlock is possible. So the locks are tried all together, each for
-- less than `deadlock_timeout`. If one is missing, the others are given back, and whoever waits goes on.
DO $$
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    FOR attempt IN 1 .. 50 LOOP
        BEGIN
            LOCK TABLE tenant_domain, application, application_secret, directory_user,
                authorization_code, device_code, token_family, refresh_token, sign_in_session,
                idempotency_key, script, managed_device, assignment, retention, script_retention,
                user_state, device_state, script_counts, device_state_history, audit_event
                IN ACCESS EXCLUSIVE MODE;
            RETURN;
        EXCEPTION
            WHEN lock_not_available THEN
                PERFORM pg_sleep(0.1);
        END;
    END LOOP;
    RAISE lock_not_available USING
        MESSAGE = 'transactions that go on for long use the tables; run the migration again';
END;
$$;

SELECT set_policies(relation) FROM (
    SELECT DISTINCT polrelid::regclass AS relation FROM pg_policy WHERE polname = 'own_tenants'
) AS tables;

SELECT set_rights();

GRANT SELECT ON closed_tenant TO runstate_server;
REVOKE INSERT, UPDATE, DELETE ON former_page_token_key FROM runstate_server;

-- Commands of the owner write the directory past row-level security. This refuses them for a closed
-- tenant. The argument is the column with the tenant.
CREATE FUNCTION refuse_change_of_closed_tenant() RETURNS trigger
    LANGUAGE plpgsql AS
$$
DECLARE
    changed jsonb := CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
BEGIN
    PERFORM refuse_closed_tenant(closed.tenant, closed.state) FROM closed_tenant AS closed
    WHERE closed.tenant = (changed ->> TG_ARGV[0])::uuid;
    RETURN NULL;
END;
$$;

CREATE TRIGGER tenant_domain_of_open_tenant AFTER INSERT OR UPDATE OR DELETE ON tenant_domain
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_closed_tenant('tenant');
CREATE TRIGGER application_of_open_tenant AFTER INSERT OR UPDATE OR DELETE ON application
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_closed_tenant('tenant_id');
CREATE TRIGGER application_secret_of_open_tenant
    AFTER INSERT OR UPDATE OR DELETE ON application_secret
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_closed_tenant('tenant_id');
CREATE TRIGGER directory_user_of_open_tenant AFTER INSERT OR UPDATE OR DELETE ON directory_user
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_closed_tenant('tenant_id');

SELECT set_rights();
