-- The one door to the journal. Opens accounts and posts entries in one call.
-- p_accounts: [{"kind", "reference"} | {"kind", "holder", "floor", "ceiling"}, …]; one with a
-- reference is clinic-wide and found again, the others are new and guarded.
-- p_entries: [{"kind", "on", "reverses", "legs": [[account id | null, index | null, minor], …]}];
-- a leg names its account by id, or by the index of one of p_accounts.
-- All guarded accounts that an act moves are locked first, in the order of their ids: its entries
-- come one after the other, and two acts that share accounts would wait for each other in a ring.
CREATE OR REPLACE FUNCTION ledger_post(
    p_practice bigint, p_accounts jsonb, p_entries jsonb,
    OUT account_ids bigint[], OUT entry_ids bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    a jsonb;
    e jsonb;
    v_id bigint;
BEGIN
    account_ids := '{}';
    entry_ids := '{}';
    FOR a IN SELECT value FROM jsonb_array_elements(p_accounts) LOOP
        v_id := NULL;
        IF a ? 'reference' THEN
            SELECT id INTO v_id FROM ledger_account
             WHERE practice_id = p_practice AND kind = a ->> 'kind'
               AND reference = (a ->> 'reference')::bigint;
            IF v_id IS NULL THEN
                INSERT INTO ledger_account (practice_id, kind, reference)
                VALUES (p_practice, a ->> 'kind', (a ->> 'reference')::bigint)
                ON CONFLICT DO NOTHING RETURNING id INTO v_id;
            END IF;
            IF v_id IS NULL THEN -- a rival opened it in between
                SELECT id INTO STRICT v_id FROM ledger_account
                 WHERE practice_id = p_practice AND kind = a ->> 'kind'
                   AND reference = (a ->> 'reference')::bigint;
            END IF;
        ELSE
            INSERT INTO ledger_account
                (practice_id, kind, holder_id, floor_minor, ceiling_minor, balance_minor)
            VALUES (p_practice, a ->> 'kind', (a ->> 'holder')::bigint,
                    (a ->> 'floor')::bigint, (a ->> 'ceiling')::bigint, 0)
            RETURNING id INTO v_id;
        END IF;
        account_ids := account_ids || v_id;
    END LOOP;
    PERFORM 1 FROM ledger_account
     WHERE practice_id = p_practice AND balance_minor IS NOT NULL
       AND id IN (SELECT (leg ->> 0)::bigint
                    FROM jsonb_array_elements(p_entries) AS entry,
                         jsonb_array_elements(entry -> 'legs') AS leg
                   WHERE leg ->> 0 IS NOT NULL)
     ORDER BY id FOR NO KEY UPDATE;
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
