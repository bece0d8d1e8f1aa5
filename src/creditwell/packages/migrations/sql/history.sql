-- What was sold stays as it was sold; what happened to it is only ever added to.
SELECT kernel_append_only('packages_packageact'),
       kernel_keep('packages_package', 'id', 'practice_id', 'account_id', 'line_id', 'sold_on',
                   'tax_at_use', 'category_id', 'origin_id'),
       kernel_keep('packages_soldcover', 'id', 'practice_id', 'part_id', 'appointment_type_id', 'item_id',
                   'price_minor');

-- A session that one visit has is not given to another: it is given back first.
CREATE FUNCTION packages_session_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'session % belongs to another visit', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'packages_session_taken';
END $$;
CREATE TRIGGER packages_session_taken BEFORE UPDATE OF attendee_id ON packages_session FOR EACH ROW
    WHEN (OLD.attendee_id IS NOT NULL AND NEW.attendee_id IS NOT NULL
          AND OLD.attendee_id <> NEW.attendee_id)
    EXECUTE FUNCTION packages_session_taken();

-- Dead sessions never come alive by themselves: what was refunded stays refunded.
CREATE FUNCTION packages_session_dead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'session % was refunded', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'packages_session_dead';
END $$;
CREATE TRIGGER packages_session_dead BEFORE UPDATE OF status ON packages_session FOR EACH ROW
    WHEN (OLD.status = 'refunded' AND NEW.status <> 'refunded')
    EXECUTE FUNCTION packages_session_dead();
