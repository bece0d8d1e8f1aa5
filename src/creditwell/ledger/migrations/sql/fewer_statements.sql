-- The same promises as in guards.sql and post.sql, in half as many statements: each payment waits
-- for them.

-- All legs of an entry come in one statement, at least two, summing to zero; the guarded balances
-- move with them. Accounts are locked in the order of their ids before any is moved, so that two
-- entries never wait for each other in a ring; the CHECKs on the account have the last word.
CREATE OR REPLACE FUNCTION ledger_legs_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT found.entry_id, found.unbalanced INTO wrong
      FROM (SELECT legs.practice_id, legs.entry_id, legs.n,
                   legs.total <> 0 OR legs.n < 2 OR legs.first_day <> entry.occurred_on
                   OR legs.last_day <> entry.occurred_on AS unbalanced
              FROM (SELECT practice_id, entry_id, count(*) AS n, sum(amount_minor) AS total,
                           min(occurred_on) AS first_day, max(occurred_on) AS last_day
                      FROM new_legs GROUP BY practice_id, entry_id) AS legs
              JOIN ledger_entry AS entry
                ON entry.practice_id = legs.practice_id AND entry.id = legs.entry_id) AS found
     WHERE found.unbalanced
        OR found.n <> (SELECT count(*) FROM ledger_posting AS p
                        WHERE p.practice_id = found.practice_id AND p.entry_id = found.entry_id)
     LIMIT 1;
    IF FOUND AND wrong.unbalanced THEN
        RAISE EXCEPTION 'entry % does not balance', wrong.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balanced';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'entry % is sealed', wrong.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_sealed';
    END IF;

    WITH moved AS (
        SELECT account.practice_id, account.id, legs.total
          FROM ledger_account AS account
          JOIN (SELECT practice_id, account_id, sum(amount_minor)::bigint AS total
                  FROM new_legs GROUP BY practice_id, account_id) AS legs
            ON account.practice_id = legs.practice_id AND account.id = legs.account_id
         WHERE account.balance_minor IS NOT NULL
         ORDER BY account.id FOR NO KEY UPDATE OF account)
    UPDATE ledger_account AS account SET balance_minor = account.balance_minor + moved.total
      FROM moved WHERE account.practice_id = moved.practice_id AND account.id = moved.id;
    RETURN NULL;
END $$;

-- The one door to the journal (see post.sql). Guarded accounts that an act moves in several entries
-- are locked first, all of them, in the order of their ids: the entries come one after the other,
-- and two acts that share accounts would wait for each other in a ring. One entry locks its own.
CREATE OR REPLACE FUNCTION ledger_post(
    p_practice bigint, p_accounts jsonb, p_entries jsonb,
    OUT account_ids bigint[], OUT entry_ids bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    a jsonb;
    e jsonb;
    v_id bigint;
    v_kind text;
    v_reference bigint;
BEGIN
    account_ids := '{}';
    entry_ids := '{}';
    FOR a IN SELECT value FROM jsonb_array_elements(p_accounts) LOOP
        v_id := NULL;
        v_kind := a ->> 'kind';
        IF a ? 'reference' THEN
            v_reference := (a ->> 'reference')::bigint;
            SELECT id INTO v_id FROM ledger_account
             WHERE practice_id = p_practice AND kind = v_kind AND reference = v_reference;
            IF v_id IS NULL THEN
                INSERT INTO ledger_account (practice_id, kind, reference)
                VALUES (p_practice, v_kind, v_reference)
                ON CONFLICT DO NOTHING RETURNING id INTO v_id;
            END IF;
            IF v_id IS NULL THEN -- a rival opened it in between
                SELECT id INTO STRICT v_id FROM ledger_account
                 WHERE practice_id = p_practice AND kind = v_kind AND reference = v_reference;
            END IF;
        ELSE
            INSERT INTO ledger_account
                (practice_id, kind, holder_id, floor_minor, ceiling_minor, balance_minor)
            VALUES (p_practice, v_kind, (a ->> 'holder')::bigint,
                    (a ->> 'floor')::bigint, (a ->> 'ceiling')::bigint, 0)
            RETURNING id INTO v_id;
        END IF;
        account_ids := account_ids || v_id;
    END LOOP;
    IF jsonb_array_length(p_entries) > 1 THEN
        PERFORM 1 FROM ledger_account
         WHERE practice_id = p_practice AND balance_minor IS NOT NULL
           AND id IN (SELECT (leg ->> 0)::bigint
                        FROM jsonb_array_elements(p_entries) AS entry,
                             jsonb_array_elements(entry -> 'legs') AS leg
                       WHERE leg ->> 0 IS NOT NULL)
         ORDER BY id FOR NO KEY UPDATE;
    END IF;
    FOR e IN SELECT value FROM jsonb_array_elements(p_entries) LOOP
        INSERT INTO ledger_entry (practice_id, kind, occurred_on, reverses_id)
        VALUES (p_practice, e ->> 'kind', (e ->> 'on')::date, (e ->> 'reverses')::bigint)
        RETURNING id INTO v_id;
        INSERT INTO ledger_posting (practice_id, entry_id, account_id, amount_minor, occurred_on)
        SELECT p_practice, v_id,
               coalesce((leg ->> 0)::bigint, account_ids[(leg ->> 1)::int + 1]),
               (leg ->> 2)::bigint, (e ->> 'on')::date
          FROM jsonb_array_elements(e -> 'legs') AS leg;
        entry_ids := entry_ids || v_id;
    END LOOP;
END $$;
