"""A COMMIT of history that takes 200 ms more.

The trigger is there from the beginning, on an empty table, and only its function is replaced later: that needs no lock on the table, so
that nothing but COMMIT is held up.
"""

COMMIT_SECONDS = 0.2

_FUNCTION = "CREATE OR REPLACE FUNCTION drill.before_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$;"

PROMPT = _FUNCTION.format("")

# Once a transaction, however many rows it has: the setting ends with the transaction.
SLOW = _FUNCTION.format(f"""
    IF current_setting('drill.slept', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM set_config('drill.slept', pg_current_xact_id()::text, true), pg_sleep({COMMIT_SECONDS});
    END IF;
""")

# Deferred: it fires when the transaction has done everything else.
PREPARE = f"""
    CREATE SCHEMA drill;
    {PROMPT}
    CREATE CONSTRAINT TRIGGER drill_before_commit AFTER INSERT OR UPDATE OR DELETE ON playback_session
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION drill.before_commit();
"""
