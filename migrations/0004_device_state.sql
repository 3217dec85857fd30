-- How a script's latest run on one device ended. A state that was reported for a user is one of
-- the script's as well, hence one table; without a user, user_state_id is null.

CREATE TYPE run_state AS ENUM
    ('unknown', 'success', 'fail', 'scriptError', 'pending', 'notApplicable');

CREATE TABLE device_state (
    tenant_id uuid NOT NULL,
    script_id uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    user_state_id text COLLATE "C",
    last_state_update bigint NOT NULL,
    last_state_update_offset smallint NOT NULL,
    run_state run_state NOT NULL,
    error_code integer NOT NULL,
    result_message text COLLATE "C",
    error_description text COLLATE "C",
    CONSTRAINT device_state_key PRIMARY KEY (tenant_id, script_id, id),
    CONSTRAINT device_state_script FOREIGN KEY (tenant_id, script_id)
        REFERENCES script ON DELETE CASCADE,
    CONSTRAINT device_state_user_state FOREIGN KEY (tenant_id, script_id, user_state_id)
        REFERENCES user_state ON DELETE CASCADE
);

-- Lists the states of one user, and finds them when the user state goes.
CREATE INDEX device_state_of_user ON device_state (tenant_id, script_id, user_state_id, id)
    WHERE user_state_id IS NOT NULL;
