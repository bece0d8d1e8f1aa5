-- No entry is dated in closed books. The practice's row is shared until the commit, so that books
-- are closed either before an entry, which is refused then, or after it is there for all to see.
CREATE OR REPLACE FUNCTION ledger_books_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_closed_on date;
BEGIN
    SELECT books_closed_on INTO v_closed_on FROM tenancy_practice
     WHERE id = NEW.practice_id FOR SHARE;
    IF NEW.occurred_on <= v_closed_on THEN
        RAISE EXCEPTION 'the books of % are closed', NEW.occurred_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_books_closed';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER ledger_books_open BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_books_open();
