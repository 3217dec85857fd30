-- Audit: who changed which script, assignment, policy, application or user, and what changed.
--
-- Triggers write an event in the transaction of the change, so there is an event exactly if the change
-- was committed. Events can only be read, and are removed after a year. Run states and devices are not
-- audited: there are thousands of them a second, and the history has what they were.
--
-- The server says who acts in the setting `runstate.actor` of the transaction, the JSON of an
-- `auditActor`, and in `runstate.request` the client's id of the request. A change without the
-- setting was made by a command of the program, or by somebody else who has the owner's password. Its
-- actor is the program that opened the connection.

CREATE TABLE audit_event (
    tenant_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    display_name text COLLATE "C",
    component_name text COLLATE "C",
    activity text COLLATE "C",
    activity_date_time bigint NOT NULL,
    activity_date_time_offset smallint NOT NULL,
    activity_type text COLLATE "C",
    activity_operation_type text COLLATE "C",
    activity_result text COLLATE "C",
    correlation_id text COLLATE "C",
    category text COLLATE "C",
    actor json,
    resources json NOT NULL,
    CONSTRAINT audit_event_key PRIMARY KEY (tenant_id, id)
);

-- The newest events of a tenant, and those of a time.
CREATE INDEX audit_event_by_time ON audit_event (tenant_id, activity_date_time)
    WHERE activity_date_time > -9000000000000000000;

-- The events that are removed.
CREATE INDEX audit_event_of_all_tenants_by_time ON audit_event (activity_date_time);

-- The JSON of an `auditActor`. Graph calls users who administrate `ItPro`.
CREATE FUNCTION actor_json(
    is_application boolean, permissions text[], application text, application_name text,
    user_id text, user_principal_name text, address text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object(
    'type', CASE WHEN is_application THEN 'Application' ELSE 'ItPro' END,
    'auditActorType', CASE WHEN is_application THEN 'Application' ELSE 'ItPro' END,
    'userPermissions', array_to_json(permissions),
    'applicationId', application,
    'applicationDisplayName', application_name,
    'userPrincipalName', user_principal_name,
    'servicePrincipalName', NULL,
    'ipAddress', address,
    'userId', user_id,
    'userRoleScopeTags', '[]'::json,
    'remoteTenantId', NULL,
    'remoteUserId', NULL);

-- The name of the property that a column has: `display_name` is `displayName`.
CREATE FUNCTION property_name(column_name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(column_name, 1) || substr(replace(initcap(replace(column_name, '_', ' ')), ' ', ''), 2);

-- A value as an event shows it. The content of a script is shown by its length and digest. The hash of a
-- password or of a secret is not shown at all.
CREATE FUNCTION audited_value(column_name text, value jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN column_name IN ('hash', 'password_hash') THEN NULL
    WHEN column_name = 'execution_frequency' THEN duration((value #>> '{}')::bigint)
    -- The text of bytes is '\x', then two digits for each.
    WHEN column_name = 'script_content' AND value <> 'null'
        THEN format('%s bytes, SHA-256 %s', length(value #>> '{}') / 2 - 1,
                    encode(sha256((value #>> '{}')::bytea), 'hex'))
    ELSE value #>> '{}'
END;

-- The properties of which two rows have different values, as JSON of `auditProperty`. A row that is null
-- did not exist, or does not exist any more. Columns that say when something happened are left out.
CREATE FUNCTION modified_properties(before jsonb, after jsonb) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(json_agg(json_build_object(
               'displayName', property_name(key),
               'oldValue', audited_value(key, before -> key),
               'newValue', audited_value(key, after -> key)) ORDER BY place), '[]')
    FROM jsonb_object_keys(coalesce(after, before)) WITH ORDINALITY AS columns (key, place)
    WHERE key NOT IN ('tenant_id', 'id', 'family', 'created', 'created_offset', 'last_modified',
                      'last_modified_offset')
      AND nullif(before -> key, 'null') IS DISTINCT FROM nullif(after -> key, 'null'));

-- A new id, a UUIDv7: events in the order of their ids are in the order of time.
CREATE FUNCTION id_of_time(instant timestamptz) RETURNS text
    LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (
    SELECT substr(milliseconds, 1, 8) || '-' || substr(milliseconds, 9) || '-7' || substr(random, 16)
    FROM (SELECT lpad(to_hex(floor(extract(epoch FROM instant) * 1000)::bigint), 12, '0')
                     AS milliseconds,
                 gen_random_uuid()::text AS random) AS parts);

-- Writes the event of a changed row. The arguments: the component, and the type of the resource. A row
-- of several families has its type in the column `family`.
CREATE FUNCTION record_change() RETURNS trigger
    LANGUAGE plpgsql AS
$$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    subject jsonb := coalesce(after, before);
    resource text := coalesce(subject ->> 'family', TG_ARGV[1]);
    operation text := CASE TG_OP WHEN 'INSERT' THEN 'Create' WHEN 'UPDATE' THEN 'Patch'
                                 ELSE 'Delete' END;
    kind text := operation || ' ' || upper(left(resource, 1)) || substr(resource, 2);
    tenant uuid := (subject ->> 'tenant_id')::uuid;
    present timestamptz := present_time(tenant);
    actor text := nullif(current_setting('runstate.actor', true), '');
BEGIN
    INSERT INTO audit_event (
        tenant_id, id, display_name, component_name, activity_date_time, activity_date_time_offset,
        activity_type, activity_operation_type, activity_result, correlation_id, category, actor,
        resources)
    VALUES (
        tenant, id_of_time(present), kind, TG_ARGV[0], ticks(present), 0, kind, operation, 'Success',
        nullif(current_setting('runstate.request', true), ''), TG_ARGV[0],
        coalesce(actor::json, actor_json(true, '{}', NULL, coalesce(
            nullif(current_setting('application_name', true), ''), session_user), NULL, NULL, NULL)),
        json_build_array(json_build_object(
            'displayName', coalesce(subject ->> 'display_name', subject ->> 'name'),
            'modifiedProperties', modified_properties(before, after),
            'type', resource, 'auditResourceType', resource,
            'resourceId', coalesce(subject ->> 'id', subject ->> 'script_id',
                                   subject ->> 'tenant_id'))));
    RETURN NULL;
END;
$$;

-- `pg_trigger_depth() = 0`: what the database deletes with its parent is no change of its own.
CREATE TRIGGER script_audit AFTER INSERT OR UPDATE OR DELETE ON script
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('DeviceConfiguration', 'deviceManagementScript');
CREATE TRIGGER assignment_audit AFTER INSERT OR UPDATE OR DELETE ON assignment
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('DeviceConfiguration', 'deviceManagementScriptAssignment');
CREATE TRIGGER retention_audit AFTER INSERT OR UPDATE OR DELETE ON retention
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('Retention', 'retentionPolicy');
CREATE TRIGGER script_retention_audit AFTER INSERT OR UPDATE OR DELETE ON script_retention
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('Retention', 'scriptRetentionPolicy');
CREATE TRIGGER application_audit AFTER INSERT OR UPDATE OR DELETE ON application
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('Directory', 'application');
CREATE TRIGGER application_secret_audit AFTER INSERT OR UPDATE OR DELETE ON application_secret
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('Directory', 'applicationSecret');
CREATE TRIGGER directory_user_audit AFTER INSERT OR UPDATE OR DELETE ON directory_user
    FOR EACH ROW WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION record_change('Directory', 'user');

-- Removes up to 5,000 events that are older than a year. `removed` is their number, or null if there was
-- none.
CREATE PROCEDURE remove_old_events(INOUT removed bigint DEFAULT NULL)
    LANGUAGE plpgsql
    SET lock_timeout = '2s' AS
$$
BEGIN
    DELETE FROM audit_event
    WHERE (tenant_id, id) IN (
        SELECT tenant_id, id FROM audit_event
        WHERE activity_date_time < ticks(now() - interval '365 days')
          AND activity_date_time < ticks(present_time(tenant_id) - interval '365 days')
        ORDER BY activity_date_time
        LIMIT 5000);
    GET DIAGNOSTICS removed = ROW_COUNT;
    removed = nullif(removed, 0);
END;
$$;

SELECT set_rights();

REVOKE INSERT, UPDATE, DELETE ON audit_event FROM runstate_server;
