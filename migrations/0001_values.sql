-- How values are kept and written. Texts compare by code point (collation "C"), so that an order is
-- the same in every database. A date-time is two columns: the instant in units of 100 ns since
-- 0001-01-01T00:00:00Z, and the minutes of the offset it was written in.

-- The clock that ticks show. Whole seconds times an interval stay exact in a double.
CREATE FUNCTION moment(ticks bigint) RETURNS timestamp
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN timestamp '0001-01-01' + (ticks / 10000000) * interval '1 second';

-- A date-time as OData writes it: local time, up to seven digits of fraction without trailing
-- zeros, and the offset, 'Z' for none.
CREATE FUNCTION date_time_offset(ticks bigint, minutes smallint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN
    to_char(moment(ticks + minutes::bigint * 600000000), 'YYYY-MM-DD"T"HH24:MI:SS')
    || CASE WHEN ticks % 10000000 = 0 THEN ''
            ELSE '.' || rtrim(lpad((ticks % 10000000)::text, 7, '0'), '0') END
    || CASE WHEN minutes = 0 THEN 'Z'
            ELSE CASE WHEN minutes < 0 THEN '-' ELSE '+' END
                 || to_char(abs(minutes) / 60, 'FM00') || ':' || to_char(abs(minutes) % 60, 'FM00')
       END;

-- A duration as OData writes it: 'P1DT2H3M4.5S', 'PT0S' for none.
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

-- Binary as JSON carries it. PostgreSQL breaks base64 into lines of 76; nobody else does.
CREATE FUNCTION base64(content bytea) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(content, 'base64'), E'\n', '');

-- A polymorphic value without the annotation of its type, which is stored in front.
CREATE FUNCTION without_type(value json) RETURNS json
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN regexp_replace(value::text, '^\{"@odata.type":"[^"]*",?', '{')::json;

-- A key in parentheses, as it stands in '@odata.context' and in canonical paths.
CREATE FUNCTION key_segment(key text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN '(''' || replace(key, '''', '''''') || ''')';

-- A canonical path as it stands in a URL: what means something else there, or is no ASCII, escaped.
CREATE FUNCTION url_path(path text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN path !~ '[^A-Za-z0-9/()'':._~@-]' THEN path ELSE (
    SELECT string_agg(
        CASE WHEN letter ~ '[A-Za-z0-9/()'':._~@-]' THEN letter
             ELSE upper(regexp_replace(encode(convert_to(letter, 'UTF8'), 'hex'),
                                       '(..)', '%\1', 'g')) END, '' ORDER BY place)
    FROM regexp_split_to_table(path, '') WITH ORDINALITY AS letters (letter, place)) END;

-- Upper and lower case of all letters, whatever the locale of the database: by ICU, else by the
-- widest collation there is.
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

-- What page tokens are signed with: one row, made once, shared by all servers of the database.
CREATE TABLE page_token_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    key bytea NOT NULL
);

INSERT INTO page_token_key (key)
    SELECT sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea);

-- The token of the page after a place in a collection: base64url of a signature and of what it
-- signs. The server reads it back.
CREATE FUNCTION skip_token(collection text, scan text, place text[]) RETURNS text
    LANGUAGE sql STABLE STRICT
RETURN (
    SELECT translate(encode(sha256(secret.key || sha256(payload.bytes)) || payload.bytes, 'base64'),
                     E'+/=\n', '-_')
    FROM page_token_key AS secret,
         (SELECT convert_to(
              json_build_object('collection', collection, 'scan', scan, 'after', place)::text,
              'UTF8') AS bytes) AS payload);
