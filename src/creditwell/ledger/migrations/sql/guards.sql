-- The promises of the journal, kept by the database whatever way a row comes.
-- Refusals raise SQLSTATE 23514 with the constraint's name, which code turns into a sentence.

ALTER TABLE ledger_entry ALTER COLUMN recorded_at SET DEFAULT now();

-- Checked at once, not at commit: a leg may not wait for somebody else's entry to appear.
ALTER TABLE ledger_posting ALTER CONSTRAINT ledger_posting_entry_id_same_practice NOT DEFERRABLE;

-- 1. All legs of an entry come in one statement, at least two, summing to zero; the guarded
--    balances move with them. Accounts are locked in the order of their ids, so that two entries
--    never wait for each other in a ring; the CHECKs on the account have the last word.
CREATE FUNCTION ledger_legs_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT legs.entry_id INTO wrong
      FROM (SELECT practice_id, entry_id, count(*) AS n, sum(amount_minor) AS total,
                   min(occurred_on) AS first_day, max(occurred_on) AS last_day
              FROM new_legs GROUP BY practice_id, entry_id) AS legs
      JOIN ledger_entry AS entry ON entry.practice_id = legs.practice_id AND entry.id = legs.entry_id
     WHERE legs.total <> 0 OR legs.n < 2
        OR legs.first_day <> entry.occurred_on OR legs.last_day <> entry.occurred_on
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balanced';
    END IF;

    SELECT legs.entry_id INTO wrong
      FROM (SELECT practice_id, entry_id, count(*) AS n
              FROM new_legs GROUP BY practice_id, entry_id) AS legs
     WHERE legs.n <> (SELECT count(*) FROM ledger_posting AS p
                       WHERE p.practice_id = legs.practice_id AND p.entry_id = legs.entry_id)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is sealed', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_sealed';
    END IF;

    PERFORM 1 FROM ledger_account AS account
      JOIN (SELECT DISTINCT practice_id, account_id FROM new_legs) AS moved
        ON account.practice_id = moved.practice_id AND account.id = moved.account_id
     WHERE account.balance_minor IS NOT NULL
     ORDER BY account.id FOR NO KEY UPDATE OF account;

    UPDATE ledger_account AS account
       SET balance_minor = account.balance_minor + moved.total
      FROM (SELECT practice_id, account_id, sum(amount_minor)::bigint AS total
              FROM new_legs GROUP BY practice_id, account_id) AS moved
     WHERE account.practice_id = moved.practice_id AND account.id = moved.account_id
       AND account.balance_minor IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_legs_posted AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS new_legs
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_legs_posted();

-- 2. No entry without legs. (Closed books: closing.sql; the one door to all this: post.sql.)
CREATE FUNCTION ledger_entry_has_legs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_posting
                    WHERE practice_id = NEW.practice_id AND entry_id = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no legs', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balanced';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_entry_has_legs AFTER INSERT ON ledger_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_has_legs();

-- 3. History is never changed or removed.
SELECT kernel_append_only('ledger_entry'), kernel_append_only('ledger_posting'),
       kernel_keep('ledger_account', 'id', 'practice_id', 'kind', 'reference',
                   'floor_minor', 'ceiling_minor');

-- 4. A balance is only ever moved by a posting, and begins at nothing.
CREATE FUNCTION ledger_balance_by_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'a balance is moved by a posting only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balance_by_posting';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_balance_by_posting BEFORE UPDATE OF balance_minor ON ledger_account
    FOR EACH ROW WHEN (OLD.balance_minor IS DISTINCT FROM NEW.balance_minor)
    EXECUTE FUNCTION ledger_balance_by_posting();
CREATE TRIGGER ledger_balance_begins_at_nothing BEFORE INSERT ON ledger_account
    FOR EACH ROW WHEN (NEW.balance_minor <> 0)
    EXECUTE FUNCTION ledger_balance_by_posting();
