-- Assignments: to whom a script is assigned. Graph has two entity types for it, an assignment with a
-- `target` (a complex value that may be a group, all users, ...) and the older group assignment with
-- a `targetGroupId`. Both are rows of this table. A row with a group is also a group assignment, and
-- a trigger keeps `target` and `target_group_id` consistent, whichever of the two is written.

CREATE TABLE assignment (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    target json,
    target_group_id text COLLATE "C",
    CONSTRAINT assignment_key PRIMARY KEY (tenant_id, script_id, id),
    CONSTRAINT assignment_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE
);

-- The group that a target includes. A target that excludes a group has none: the script is not
-- assigned to that group.
CREATE FUNCTION included_group(target json) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN target->>'@odata.type' = '#microsoft.graph.groupAssignmentTarget'
            THEN target->>'groupId' END;

-- A new or changed target sets the group. Otherwise a group sets the target, and keeps the filter
-- that the target had.
CREATE FUNCTION keep_target_and_group_alike() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    IF NEW.target IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.target::text IS DISTINCT FROM OLD.target::text) THEN
        NEW.target_group_id := included_group(NEW.target);
    ELSIF TG_OP = 'UPDATE' AND NEW.target IS NULL AND OLD.target IS NOT NULL THEN
        NEW.target_group_id := NULL;
    ELSIF NEW.target_group_id IS NOT NULL THEN
        NEW.target := (SELECT row_to_json(target) FROM (SELECT
            '#microsoft.graph.groupAssignmentTarget' AS "@odata.type",
            NEW.target->>'deviceAndAppManagementAssignmentFilterId'
                AS "deviceAndAppManagementAssignmentFilterId",
            coalesce(NEW.target->>'deviceAndAppManagementAssignmentFilterType', 'none')
                AS "deviceAndAppManagementAssignmentFilterType",
            NEW.target_group_id AS "groupId") AS target);
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER assignment_before_write BEFORE INSERT OR UPDATE ON assignment
    FOR EACH ROW EXECUTE FUNCTION keep_target_and_group_alike();

-- The function behind the action `hasPayloadLinks`: for each id, in order, whether the script of that id
-- is assigned to anyone, as the JSON of a `hasPayloadLinkResultItem`. A text that is not the id of a
-- script has no link. It runs with the rights of its caller, so row-level security applies.
CREATE FUNCTION device_management_script_payload_links(tenant uuid, ids text[]) RETURNS SETOF json
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT (SELECT row_to_json(item) FROM (SELECT
        asked.id AS "payloadId",
        link.found IS NOT NULL AS "hasLink",
        '' AS error,
        CASE WHEN link.found THEN ARRAY['direct'] ELSE '{}'::text[] END AS sources) AS item)
    FROM unnest(ids) WITH ORDINALITY AS asked (id, place)
    CROSS JOIN LATERAL (SELECT
        CASE WHEN asked.id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
             THEN asked.id::uuid END AS id) AS wanted
    LEFT JOIN LATERAL (
        SELECT true AS found FROM script JOIN assignment
            ON assignment.tenant_id = script.tenant_id AND assignment.script_id = script.id
        WHERE script.tenant_id = tenant AND script.id = wanted.id
          AND script.family = 'deviceManagementScript'
        LIMIT 1) AS link ON true
    ORDER BY asked.place;
END;
