-- The directory: who may sign in at the local issuer. Tenants, their applications and users, and what
-- a sign-in leaves behind: authorization codes, device codes, refresh tokens and browser sessions.
-- These are not entities of the API. The server reads them before there is a caller.
--
-- Rights. A request to sign in names its tenant in its path, so the tenant comes first:
--
--   * `tenant` and `tenant_domain` have no `tenant_id`, and so no row-level security. The server may
--     read them, and writes none.
--   * Every other table has a `tenant_id` and the policy `own_tenants`. Once the tenant is known, the
--     session is opened to it, and a statement finds no application, user or code of another tenant.
--   * The server only reads applications, their secrets and users. The owner writes them: `runstate
--     app`, `runstate user`, `runstate tenant`, and the first start. So a server that was taken over
--     through SQL adds no user and changes no password.
--   * The server writes codes, refresh tokens and sessions.
--
-- Secrets. No secret is stored. Passwords and client secrets are hashed with argon2id. Codes, refresh
-- tokens and the cookies of sessions are 32 random bytes, which nobody can guess, so their SHA-256 is
-- the key of their row: a statement finds it without comparing secrets.

-- `is_default`: the tenant that `common` and `organizations` stand for.
-- `serves_unknown`: a GUID of no tenant has the applications and users of this tenant. Tests use a new
-- tenant each, and need not create it first. The tenant of the first start has it where the server runs
-- a PostgreSQL of its own.
CREATE TABLE tenant (
    id uuid PRIMARY KEY,
    is_default boolean NOT NULL DEFAULT false,
    serves_unknown boolean NOT NULL DEFAULT false
);

CREATE UNIQUE INDEX tenant_default ON tenant (is_default) WHERE is_default;
CREATE UNIQUE INDEX tenant_serving_unknown ON tenant (serves_unknown) WHERE serves_unknown;

-- Names are in lower case.
CREATE TABLE tenant_domain (
    name text COLLATE "C" PRIMARY KEY CHECK (name = lower(name)),
    tenant uuid NOT NULL REFERENCES tenant ON DELETE CASCADE
);

CREATE INDEX tenant_domain_tenant ON tenant_domain (tenant);

-- `id` is the client id, `object_id` the subject of the application's own tokens. An application is
-- confidential if it has a secret or a certificate. With `is_public` it may also sign users in without
-- either. `permissions` are its roles, and the scopes that its users may be granted. `certificates` are
-- X.509 in DER.
CREATE TABLE application (
    tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
    id uuid NOT NULL,
    object_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    is_public boolean NOT NULL,
    grant_types text[] COLLATE "C" NOT NULL,
    permissions text[] COLLATE "C" NOT NULL,
    web_redirect_uris text[] COLLATE "C" NOT NULL,
    spa_redirect_uris text[] COLLATE "C" NOT NULL,
    public_redirect_uris text[] COLLATE "C" NOT NULL,
    certificates bytea[] NOT NULL,
    CONSTRAINT application_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT application_grant_types CHECK (grant_types <@ ARRAY[
        'client_credentials', 'authorization_code', 'device_code', 'password', 'refresh_token'])
);

-- An application has several secrets while one is replaced by the next.
CREATE TABLE application_secret (
    tenant_id uuid NOT NULL,
    application_id uuid NOT NULL,
    id uuid NOT NULL,
    hash text COLLATE "C" NOT NULL,
    CONSTRAINT application_secret_key PRIMARY KEY (tenant_id, application_id, id),
    CONSTRAINT application_secret_application FOREIGN KEY (tenant_id, application_id)
        REFERENCES application ON DELETE CASCADE
);

CREATE TABLE directory_user (
    tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
    id uuid NOT NULL,
    user_principal_name text COLLATE "C" NOT NULL,
    display_name text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C" NOT NULL,
    CONSTRAINT directory_user_key PRIMARY KEY (tenant_id, id)
);

CREATE UNIQUE INDEX directory_user_name
    ON directory_user (tenant_id, lower(user_principal_name));

-- In the tables below, `id` is a SHA-256, `tid` the tenant of the tokens (another than `tenant_id` only
-- if that one serves unknown tenants), and `auth_time` when the user typed the password.
--
-- `used_at` and `family`: a code gives tokens once. If it comes again, someone else has it, and the
-- family of its refresh tokens is revoked (RFC 6749, section 4.1.2). A row stays for a day after it
-- expires, so that the answer can say why the code is refused.
CREATE TABLE authorization_code (
    tenant_id uuid NOT NULL,
    id bytea NOT NULL,
    tid uuid NOT NULL,
    application_id uuid NOT NULL,
    user_id uuid NOT NULL,
    redirect_uri text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    nonce text COLLATE "C",
    code_challenge text COLLATE "C",
    auth_time timestamptz NOT NULL,
    has_max_age boolean NOT NULL,
    family uuid NOT NULL,
    used_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT authorization_code_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT authorization_code_application FOREIGN KEY (tenant_id, application_id)
        REFERENCES application ON DELETE CASCADE,
    CONSTRAINT authorization_code_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES directory_user ON DELETE CASCADE
);

-- `user_code` is what the user types: letters in upper case. The user decides once. After that, the client
-- gets its tokens once.
CREATE TABLE device_code (
    tenant_id uuid NOT NULL,
    id bytea NOT NULL,
    tid uuid NOT NULL,
    user_code text COLLATE "C" NOT NULL,
    application_id uuid NOT NULL,
    scope text COLLATE "C" NOT NULL,
    user_id uuid,
    is_declined boolean NOT NULL DEFAULT false,
    used_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT device_code_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT device_code_user_code UNIQUE (tenant_id, user_code),
    CONSTRAINT device_code_application FOREIGN KEY (tenant_id, application_id)
        REFERENCES application ON DELETE CASCADE,
    CONSTRAINT device_code_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES directory_user ON DELETE CASCADE
);

-- The refresh tokens that follow from one sign-in: they are revoked together. A token that is added to a
-- revoked family is not good either, so revoking needs no lock on the tokens.
CREATE TABLE token_family (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    tid uuid NOT NULL,
    application_id uuid NOT NULL,
    user_id uuid NOT NULL,
    scope text COLLATE "C" NOT NULL,
    revoked_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT token_family_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT token_family_application FOREIGN KEY (tenant_id, application_id)
        REFERENCES application ON DELETE CASCADE,
    CONSTRAINT token_family_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES directory_user ON DELETE CASCADE
);

-- `replaced_at`: when the next token of the family was first given. The old one is good for a while
-- longer, because several clients may share one cache of tokens.
CREATE TABLE refresh_token (
    tenant_id uuid NOT NULL,
    id bytea NOT NULL,
    family uuid NOT NULL,
    replaced_at timestamptz,
    expires_at timestamptz NOT NULL,
    CONSTRAINT refresh_token_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT refresh_token_family FOREIGN KEY (tenant_id, family)
        REFERENCES token_family ON DELETE CASCADE
);

CREATE INDEX refresh_token_of_family ON refresh_token (tenant_id, family);

-- A browser that has signed a user in. `id` is the SHA-256 of its cookie.
CREATE TABLE sign_in_session (
    tenant_id uuid NOT NULL,
    id bytea NOT NULL,
    user_id uuid NOT NULL,
    auth_time timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT sign_in_session_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT sign_in_session_user FOREIGN KEY (tenant_id, user_id)
        REFERENCES directory_user ON DELETE CASCADE
);

-- For the foreign keys: removing an application or a user removes what its sign-ins left.
CREATE INDEX authorization_code_application ON authorization_code (tenant_id, application_id);
CREATE INDEX authorization_code_user ON authorization_code (tenant_id, user_id);
CREATE INDEX device_code_application ON device_code (tenant_id, application_id);
CREATE INDEX device_code_user ON device_code (tenant_id, user_id);
CREATE INDEX token_family_application ON token_family (tenant_id, application_id);
CREATE INDEX token_family_user ON token_family (tenant_id, user_id);
CREATE INDEX sign_in_session_user ON sign_in_session (tenant_id, user_id);

-- Expired rows are removed by those who add new ones, up to ten with each statement. So the tables keep
-- about a day's rows, and no statement has to remove many. Rows that another transaction has locked are
-- left to a later statement. The index has the rows of all tenants, because nobody may ever sign in to a
-- tenant again.
CREATE FUNCTION remove_expired_sign_ins() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format(
        'DELETE FROM %1$I.%2$I WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM %1$I.%2$I
             WHERE expires_at <= now() - interval ''1 day''
               AND expires_at <= present_time(tenant_id) - interval ''1 day''
             ORDER BY expires_at
             LIMIT 10
             FOR UPDATE SKIP LOCKED))', TG_TABLE_SCHEMA, TG_TABLE_NAME);
    RETURN NULL;
END;
$$;

CREATE INDEX authorization_code_expires_at ON authorization_code (expires_at);
CREATE INDEX device_code_expires_at ON device_code (expires_at);
CREATE INDEX token_family_expires_at ON token_family (expires_at);
CREATE INDEX refresh_token_expires_at ON refresh_token (expires_at);
CREATE INDEX sign_in_session_expires_at ON sign_in_session (expires_at);

CREATE TRIGGER authorization_code_after_insert AFTER INSERT ON authorization_code
    FOR EACH STATEMENT EXECUTE FUNCTION remove_expired_sign_ins();
CREATE TRIGGER device_code_after_insert AFTER INSERT ON device_code
    FOR EACH STATEMENT EXECUTE FUNCTION remove_expired_sign_ins();
CREATE TRIGGER token_family_after_insert AFTER INSERT ON token_family
    FOR EACH STATEMENT EXECUTE FUNCTION remove_expired_sign_ins();
CREATE TRIGGER refresh_token_after_insert AFTER INSERT ON refresh_token
    FOR EACH STATEMENT EXECUTE FUNCTION remove_expired_sign_ins();
CREATE TRIGGER sign_in_session_after_insert AFTER INSERT ON sign_in_session
    FOR EACH STATEMENT EXECUTE FUNCTION remove_expired_sign_ins();

SELECT set_rights();

GRANT SELECT ON tenant, tenant_domain TO runstate_server;
REVOKE INSERT, UPDATE, DELETE ON application, application_secret, directory_user FROM runstate_server;
