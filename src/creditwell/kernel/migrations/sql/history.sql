-- Tools with which every app makes its history unchangeable.

-- TRUNCATE is for throw-away databases (tests say so in their connection), never for a live one.
CREATE FUNCTION kernel_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('creditwell.truncate', true) IS DISTINCT FROM 'allowed' THEN
        RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kernel_append_only';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is history: it is never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'kernel_append_only';
END $$;

-- Rows of the table are never updated or deleted.
CREATE FUNCTION kernel_append_only(p_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I
        FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()', p_table || '_frozen', p_table);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_truncate()', p_table || '_kept', p_table);
END $$;

-- Rows are never deleted, and these columns never change once written.
CREATE FUNCTION kernel_keep(p_table text, VARIADIC p_columns text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_changed text;
    v_columns text;
BEGIN
    SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', c), ' OR '),
           string_agg(quote_ident(c), ', ')
      INTO v_changed, v_columns FROM unnest(p_columns) AS c;
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OF %s ON %I FOR EACH ROW WHEN (%s)
        EXECUTE FUNCTION kernel_refuse_change()',
        p_table || '_frozen', v_columns, p_table, v_changed);
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I
        FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()', p_table || '_undeleted', p_table);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_truncate()', p_table || '_kept', p_table);
END $$;
