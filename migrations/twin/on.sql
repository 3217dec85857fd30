-- The test twin, switched on: the functions that make, copy and remove its tenants, and their clocks. The
-- owner runs this file, after `tables.sql`, each time when the server starts with `--twin`, and `off.sql`
-- when it starts without. A database that never had a twin has nothing of this.
--
-- The twin touches only tenants that it made. Their ids have the prefix 7e570000-7714-8, so no other
-- tenant can be taken for one, and the functions below refuse all others.

-- The tables whose rows belong to a tenant, parents first. The list is read from the schema, so that the
-- table of a new entity type is in it by itself; it is read once, since each copy needs it. A copy leaves
-- out what belongs to one run of a client: sign-ins, the replies under idempotency keys, and the keys of
-- page tokens. Version 0.1.0 had the view `twin_table` instead.
DROP VIEW IF EXISTS twin_table;
DROP MATERIALIZED VIEW IF EXISTS tenant_table;
CREATE MATERIALIZED VIEW tenant_table AS
    WITH RECURSIVE own AS (
        SELECT class.oid FROM pg_class AS class
        JOIN pg_attribute ON attrelid = class.oid AND attname = 'tenant_id'
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
          AND NOT relispartition
    ), place AS (
        SELECT oid, 0 AS depth FROM own
        UNION
        SELECT conrelid, depth + 1 FROM place
        JOIN pg_constraint ON contype = 'f' AND confrelid = place.oid AND conrelid <> confrelid
        WHERE conrelid IN (SELECT oid FROM own)
    )
    SELECT own.oid::regclass AS name,
           -- Where the rows of the twin's tenants are. To plan a statement on all partitions would take
           -- longer than most copies.
           CASE own.oid::regclass::text
               WHEN 'device_state_history' THEN 'device_state_history_twin'::regclass
               ELSE own.oid::regclass END AS location,
           -- Run states have no foreign keys to their parents (0006_device_states.sql). Recorded changes
           -- come last, since triggers may record the copy.
           (SELECT max(depth) FROM place WHERE place.oid = own.oid)
               + CASE own.oid::regclass::text
                     WHEN 'device_state' THEN 100 WHEN 'audit_event' THEN 200 ELSE 0 END AS place,
           own.oid::regclass::text NOT IN ('authorization_code', 'device_code', 'token_family',
               'refresh_token', 'sign_in_session', 'idempotency_key', 'former_page_token_key')
               AS is_copied,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = own.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
              AND attname <> 'tenant_id') AS columns,
           -- The primary key without the tenant; null if there is none.
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY array_position(indkey, attnum))
            FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
            WHERE indrelid = own.oid AND indisprimary AND attname <> 'tenant_id') AS key
    FROM own;

-- Whether an id is one that the twin makes.
CREATE OR REPLACE FUNCTION is_twin_id(id uuid) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN id >= '7e570000-7714-8000-8000-000000000000' AND id <= '7e570000-7714-8fff-bfff-ffffffffffff';

-- The present time of a tenant, by its clock. Real tenants have the real time. The server computes the same
-- time (`Course::at_real` in `src/clock.rs`): a token that is valid there is valid here. 4e11 seconds are
-- longer than the calendar of the clocks, and short enough for the calendar of the database.
CREATE OR REPLACE FUNCTION present_time(tenant uuid) RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS
$$
BEGIN
    IF tenant < '7e570000-7714-8000-8000-000000000000'
       OR tenant > '7e570000-7714-8fff-bfff-ffffffffffff' THEN
        RETURN clock_timestamp();
    END IF;
    RETURN coalesce(
        (SELECT least(clock_at + make_interval(secs => least(4e11, clock_rate
                          * extract(epoch FROM clock_timestamp() - clock_since)::double precision)),
                      timestamptz '9999-12-31 23:59:59Z')
         FROM twin_tenant WHERE id = tenant),
        clock_timestamp());
END;
$$;

-- The versions of the twin's tenants have a partition of their own. The others are dropped by the real
-- time, in which a version of a virtual time may be too old.
CREATE OR REPLACE FUNCTION stored_history_days(tenant uuid, days smallint) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN tenant >= '7e570000-7714-8000-8000-000000000000'
             AND tenant <= '7e570000-7714-8fff-bfff-ffffffffffff' THEN 32766 ELSE days END;

-- A new run state begins at the time of its tenant. A copy keeps the time of the original.
CREATE OR REPLACE FUNCTION begin_at_present_time() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    NEW.valid_from = present_time(NEW.tenant_id);
    NEW.reported = present_day(NEW.tenant_id);
    RETURN NEW;
END;
$$;

CREATE OR REPLACE TRIGGER device_state_before_insert BEFORE INSERT ON device_state
    FOR EACH ROW
    WHEN (is_twin_id(NEW.tenant_id)
          AND current_setting('runstate.copies', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION begin_at_present_time();

-- Gives a tenant without contents the applications and users of the default tenant, so that one can sign
-- in to it. Returns the number of rows.
--
-- This runs for each new tenant, so its statements are planned once in a session. With
-- `session_replication_role`, as below, all of them would be planned each time.
CREATE OR REPLACE FUNCTION twin_begin(target uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan = off AS
$$
DECLARE
    origin CONSTANT uuid := (SELECT id FROM tenant WHERE is_default);
    change CONSTANT jsonb := jsonb_build_object('tenant_id', target);
    copied bigint := 0;
    added bigint;
BEGIN
    PERFORM FROM twin_tenant WHERE id = target FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'the target is no tenant of the twin';
    END IF;
    INSERT INTO tenant (id) VALUES (target) ON CONFLICT DO NOTHING;
    INSERT INTO application
        SELECT copy.* FROM application AS original
        CROSS JOIN jsonb_populate_record(original, change) AS copy
        WHERE original.tenant_id = origin;
    GET DIAGNOSTICS added = ROW_COUNT;
    copied = copied + added;
    INSERT INTO application_secret
        SELECT copy.* FROM application_secret AS original
        CROSS JOIN jsonb_populate_record(original, change) AS copy
        WHERE original.tenant_id = origin;
    GET DIAGNOSTICS added = ROW_COUNT;
    copied = copied + added;
    INSERT INTO directory_user
        SELECT copy.* FROM directory_user AS original
        CROSS JOIN jsonb_populate_record(original, change) AS copy
        WHERE original.tenant_id = origin;
    GET DIAGNOSTICS added = ROW_COUNT;
    -- Triggers have recorded the copy, unless a trigger called this function (0017_audit.sql).
    DELETE FROM audit_event WHERE tenant_id = target;
    RETURN copied + added;
END;
$$;

-- Begins a tenant that is added without contents to copy: one statement makes it.
CREATE OR REPLACE FUNCTION begin_twin_tenant() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM twin_begin(NEW.id);
    RETURN NULL;
END;
$$;

CREATE OR REPLACE TRIGGER twin_tenant_after_insert AFTER INSERT ON twin_tenant
    FOR EACH ROW WHEN (NEW.handle IS NOT NULL AND NEW.start IS NULL)
    EXECUTE FUNCTION begin_twin_tenant();

-- Copies the rows of a tenant or a snapshot, `source`, into an empty tenant or snapshot, `target`. Returns
-- the number of rows.
--
-- Counters are copied as they are, so triggers must not count again, and the rows refer to each other
-- as the originals did, so foreign keys need no check: the function runs with
-- `session_replication_role = replica`, which takes a third of the time. Where the owner may not set it,
-- triggers count, and the counters are overwritten at the end.
CREATE OR REPLACE FUNCTION twin_fork(source uuid, target uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan = off AS
$$
DECLARE
    is_replica CONSTANT boolean := current_setting('session_replication_role') = 'replica';
    copied bigint := 0;
    added bigint;
    item record;
BEGIN
    PERFORM FROM twin_tenant WHERE id = target FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'the target is no tenant of the twin';
    END IF;
    PERFORM FROM twin_tenant WHERE id = source FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'the source is no tenant of the twin';
    END IF;
    PERFORM set_config('runstate.copies', 'on', true);
    INSERT INTO tenant (id) VALUES (target) ON CONFLICT DO NOTHING;
    FOR item IN SELECT * FROM tenant_table WHERE is_copied ORDER BY place LOOP
        IF NOT is_replica AND item.name = 'audit_event'::regclass THEN
            DELETE FROM audit_event WHERE tenant_id = target;
        END IF;
        EXECUTE format(
            'INSERT INTO %1$s (tenant_id, %2$s) SELECT $2, %2$s FROM %1$s WHERE tenant_id = $1 %3$s %4$s',
            item.location, item.columns, 'ORDER BY ' || item.key,
            -- Only triggers add rows besides.
            CASE WHEN NOT is_replica THEN 'ON CONFLICT DO NOTHING' END)
            USING source, target;
        GET DIAGNOSTICS added = ROW_COUNT;
        copied = copied + added;
    END LOOP;
    IF NOT is_replica THEN
        FOR item IN SELECT * FROM tenant_table
                    WHERE name IN ('user_state'::regclass, 'script_counts'::regclass)
                    ORDER BY name = 'script_counts'::regclass LOOP
            EXECUTE format(
                'UPDATE %1$s AS copy SET (%2$s) = (
                     SELECT %2$s FROM %1$s AS original
                     WHERE original.tenant_id = $1 AND (%3$s) = (%4$s))
                 WHERE copy.tenant_id = $2', item.name, item.columns,
                regexp_replace(item.key, '(\w+)', 'original.\1', 'g'),
                regexp_replace(item.key, '(\w+)', 'copy.\1', 'g'))
                USING source, target;
        END LOOP;
    END IF;
    PERFORM set_config('runstate.copies', '', true);
    RETURN copied;
END;
$$;

-- Removes the rows of a tenant of the twin. Its row in `twin_tenant` stays.
CREATE OR REPLACE FUNCTION twin_wipe(target uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan = off AS
$$
DECLARE
    removed bigint := 0;
    gone bigint;
    item record;
BEGIN
    PERFORM FROM twin_tenant WHERE id = target FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    -- Where triggers run, they append no versions.
    PERFORM set_config('runstate.expires', 'on', true);
    FOR item IN SELECT * FROM tenant_table ORDER BY place DESC LOOP
        EXECUTE format('DELETE FROM %s WHERE tenant_id = $1', item.location) USING target;
        GET DIAGNOSTICS gone = ROW_COUNT;
        removed = removed + gone;
    END LOOP;
    PERFORM set_config('runstate.expires', '', true);
    DELETE FROM tenant WHERE id = target;
    -- Where triggers run, they have recorded the removal.
    DELETE FROM audit_event WHERE tenant_id = target;
    RETURN removed;
END;
$$;

-- Removes the run states of a tenant that were not reported for as long as a policy says. The server's
-- own walk over the table does the same, some time later (0016_expiry.sql).
CREATE OR REPLACE FUNCTION twin_expire(target uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan = off AS
$$
DECLARE
    today CONSTANT date := present_day(target);
    removed bigint;
BEGIN
    -- Recorded changes are kept for a year (0017_audit.sql).
    DELETE FROM audit_event
    WHERE tenant_id = target AND is_twin_id(target)
      AND activity_date_time < ticks(present_time(target) - interval '365 days');
    IF NOT EXISTS (SELECT FROM retention_of_script
                   WHERE tenant_id = target AND run_state_days <= 36500) THEN
        RETURN 0;
    END IF;
    PERFORM FROM twin_tenant WHERE id = target FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'the target is no tenant of the twin';
    END IF;
    PERFORM FROM script WHERE tenant_id = target ORDER BY id FOR KEY SHARE;
    PERFORM set_config('runstate.expires', 'on', true);
    DELETE FROM device_state AS state
    USING retention_of_script AS policy
    WHERE state.tenant_id = target AND policy.tenant_id = target
      AND policy.script_id = state.script_id AND policy.run_state_days <= 36500
      AND state.reported < today - policy.run_state_days;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('runstate.expires', '', true);
    RETURN removed;
END;
$$;

-- A backup has the rows of the twin's tenants, but not the table that names them, which no migration made.
-- So after its restore nobody can use these rows.
DO $$
DECLARE
    lost uuid;
BEGIN
    FOR lost IN SELECT id FROM tenant WHERE is_twin_id(id)
                EXCEPT SELECT id FROM twin_tenant LOOP
        INSERT INTO twin_tenant (id, settings) VALUES (lost, '');
        PERFORM twin_wipe(lost);
        DELETE FROM twin_tenant WHERE id = lost;
    END LOOP;
END;
$$;

SELECT set_rights();

-- These functions run as the owner. The server may call them, and writes the rows of its own tenants.
DO $$
DECLARE
    own CONSTANT regnamespace := current_schema()::regnamespace;
    routine text;
BEGIN
    FOREACH routine IN ARRAY ARRAY['twin_begin(uuid)', 'twin_fork(uuid, uuid)', 'twin_wipe(uuid)',
                                   'twin_expire(uuid)'] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %s, pg_temp',
                       routine, own);
        BEGIN
            IF routine IN ('twin_fork(uuid, uuid)', 'twin_wipe(uuid)') THEN
                EXECUTE format('ALTER FUNCTION %s SET session_replication_role = replica', routine);
            END IF;
        EXCEPTION
            WHEN insufficient_privilege THEN NULL;
        END;
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO runstate_server', routine);
    END LOOP;
END;
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON twin_tenant TO runstate_server;
