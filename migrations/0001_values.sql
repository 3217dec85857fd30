-- Values: how they are stored, and how SQL writes them as OData does.
--
-- The server does not assemble JSON. Each statement lets the database do it, with the functions of
-- this file, so that a reply to a read and a reply to a write come from the same expression.
--
--   * A date-time has two columns: `x bigint`, the instant in ticks of 100 ns since
--     0001-01-01T00:00:00Z, and `x_offset smallint`, the UTC offset in minutes that the client used.
--     Both together give back exactly what was written, which `timestamptz` cannot.
--   * A duration is a `bigint` of the same ticks.
--   * An enumeration is an enum type of PostgreSQL with the same members in the same order.
--   * A complex value is one `json` column. `json`, unlike `jsonb`, keeps the order of members.
--   * Text columns have the collation "C": they compare by code point, so that the order of a page is
--     the same in every database.

-- A tick as a timestamp of PostgreSQL. A whole number of seconds stays exact in an interval, where
-- ticks would not: an interval has microseconds. The fraction of a second is cut off.
CREATE FUNCTION moment(ticks bigint) RETURNS timestamp
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN timestamp '0001-01-01' + (ticks / 10000000) * interval '1 second';

-- A time of the database in ticks.
CREATE FUNCTION ticks(instant timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 621355968000000000 + (extract(epoch FROM instant) * 10000000)::bigint;

-- The present time of a tenant. Everything that depends on the time asks this function: versions of
-- run states begin and end by it, and are kept as long as it says. All tenants have the same time, unless
-- the test twin is on (twin/on.sql): it replaces the function. The planner puts this body in the place of
-- a call, so the function costs nothing.
CREATE FUNCTION present_time(tenant uuid) RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN clock_timestamp();

-- A date-time as OData writes it: local time, up to seven digits of fraction without trailing
-- zeros, and the offset, 'Z' for UTC.
--
-- The planner puts the body of an SQL function in the place of a call only if the function promises
-- no more than its body does. That is why this function is not STRICT (a CASE would prevent it; a
-- null still gives a null) and only STABLE (as `to_char` is). A call costs more than the body. The
-- default, which a device has several times, is a constant: the general case costs much more.
CREATE FUNCTION date_time_offset(ticks bigint, minutes smallint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN ticks = 0 AND minutes = 0 THEN '0001-01-01T00:00:00Z' ELSE
    to_char(moment(ticks + minutes::bigint * 600000000), 'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE WHEN ticks % 10000000 = 0 THEN ''
            ELSE '.' || rtrim(lpad((ticks % 10000000)::text, 7, '0'), '0') END
    || CASE WHEN minutes = 0 THEN 'Z'
            ELSE CASE WHEN minutes < 0 THEN '-' ELSE '+' END
                 || to_char(abs(minutes) / 60, 'FM00') || ':' || to_char(abs(minutes) % 60, 'FM00')
       END
END;

-- A duration as OData writes it, for example 'P1DT2H3M4.5S'; 'PT0S' for zero.
CREATE FUNCTION duration(ticks bigint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT CASE WHEN ticks < 0 THEN '-' ELSE '' END || 'P'
        || CASE WHEN days > 0 THEN days || 'D' ELSE '' END
        || CASE WHEN rest > 0 OR days = 0 THEN 'T' ELSE '' END
        || CASE WHEN rest / 36000000000 > 0 THEN rest / 36000000000 || 'H' ELSE '' END
        || CASE WHEN rest / 600000000 % 60 > 0 THEN rest / 600000000 % 60 || 'M' ELSE '' END
        || CASE WHEN rest % 600000000 > 0 OR (rest = 0 AND days = 0)
                THEN trim_scale((rest % 600000000)::numeric / 10000000) || 'S' ELSE '' END
    FROM (SELECT div(abs(ticks::numeric), 864000000000)::bigint AS days,
                 (abs(ticks::numeric) % 864000000000)::bigint AS rest) AS parts);

-- `cast` of $filter: a number within a range, else null; the same for the nearest whole number; the
-- number that a text is, else null. The planner does not put a CASE in the place of a call of a STRICT
-- function. So an argument is computed once, however deep casts nest.
CREATE FUNCTION number_within(value numeric, minimum numeric, maximum numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value BETWEEN minimum AND maximum THEN value END;

CREATE FUNCTION whole_number_within(value numeric, minimum numeric, maximum numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN number_within(round(value), minimum, maximum);

CREATE FUNCTION number_of(value text) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value ~ '^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$'
            THEN value::numeric END;

-- `Edm.Double` has infinities and NaN besides its finite numbers.
CREATE FUNCTION double_within(value numeric, minimum numeric, maximum numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value BETWEEN minimum AND maximum OR value IN ('Infinity', '-Infinity', 'NaN')
            THEN value END;

CREATE FUNCTION double_of(value text) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value ~ '^(-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?|-?INF|NaN)$'
            THEN value::numeric END;

CREATE FUNCTION whole_number_of(value text) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN value ~ '^-?[0-9]{1,20}$' THEN value::numeric END;

-- Binary as JSON carries it. `encode` breaks base64 into lines of 76 characters; JSON has no lines.
CREATE FUNCTION base64(content bytea) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(content, 'base64'), E'\n', '');

-- A complex value without the annotation '@odata.type', which is always stored as the first member.
CREATE FUNCTION without_type(value json) RETURNS json
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(value::text, '^\{"@odata.type":"[^"]*",?', '{')::json;

-- An object with the type annotations of its members. `types` has them by name: the text of an
-- annotation stands before the member; an object has the annotations inside a complex value, that of
-- the value itself first; an array is both, for a collection and for each of its items, and has null
-- where the collection has no annotation. A member that is null has no annotation.
CREATE FUNCTION annotated(value json, types json) RETURNS json
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS
$$
BEGIN
    RETURN '{' || concat_ws(',', '"@odata.type":' || (types -> '@odata.type')::text, (
        SELECT string_agg(coalesce('"' || name || '@odata.type":' || beside::text || ',', '')
                          || to_json(name)::text || ':' || content, ',' ORDER BY place)
        FROM json_each(value) WITH ORDINALITY AS members (name, member, place)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN json_typeof(member) <> 'null' THEN types -> name END) AS own (type)
        CROSS JOIN LATERAL (
            SELECT CASE json_typeof(type)
                       WHEN 'string' THEN type WHEN 'array' THEN to_json(type ->> 0) END,
                   CASE json_typeof(type)
                       WHEN 'object' THEN annotated(member, type)::text
                       WHEN 'array' THEN '[' || coalesce((
                           SELECT string_agg(annotated(item, type -> 1)::text, ',' ORDER BY number)
                           FROM json_array_elements(member) WITH ORDINALITY AS items (item, number)
                       ), '') || ']'
                       ELSE member::text END) AS written (beside, content)
    )) || '}';
END;
$$;

-- A key in parentheses, as '@odata.context' and canonical URLs have it.
CREATE FUNCTION key_segment(key text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '(''' || replace(key, '''', '''''') || ''')';

-- A canonical path as part of a URL: reserved characters and characters that are not ASCII are
-- percent-encoded.
CREATE FUNCTION url_path(path text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN path !~ '[^A-Za-z0-9/()'':._~@-]' THEN path ELSE (
    SELECT string_agg(
        CASE WHEN letter ~ '[A-Za-z0-9/()'':._~@-]' THEN letter
             ELSE upper(regexp_replace(encode(convert_to(letter, 'UTF8'), 'hex'),
                                       '(..)', '%\1', 'g')) END, '' ORDER BY place)
    FROM regexp_split_to_table(path, '') WITH ORDINALITY AS letters (letter, place)) END;

-- `tolower` and `toupper` of $filter: lower case and upper case of all letters, whatever the locale
-- of the database. The best collation that this PostgreSQL has is chosen here, once: ICU's, else the
-- one with the most letters.
DO $$
DECLARE
    widest text := (
        SELECT quote_ident(collname) FROM pg_collation
        WHERE collname IN ('und-x-icu', 'C.UTF-8', 'C.utf8', 'en_US.utf8', 'C')
          AND collencoding IN (-1, (SELECT encoding FROM pg_database
                                    WHERE datname = current_database()))
        ORDER BY array_position(
            ARRAY['und-x-icu', 'C.UTF-8', 'C.utf8', 'en_US.utf8', 'C'], collname::text)
        LIMIT 1);
BEGIN
    EXECUTE format(
        'CREATE FUNCTION lower_case(value text) RETURNS text
         LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN lower(value COLLATE %s)', widest);
    EXECUTE format(
        'CREATE FUNCTION upper_case(value text) RETURNS text
         LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN upper(value COLLATE %s)', widest);
END;
$$;
