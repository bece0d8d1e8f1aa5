-- An issued invoice keeps its number, its amounts and its place; a draft may be thrown away.
CREATE FUNCTION invoicing_issued_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoice % is issued: it is never removed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kernel_append_only';
    END IF;
    RAISE EXCEPTION 'invoice % is issued: its number and amounts never change', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'kernel_append_only';
END $$;
CREATE TRIGGER invoicing_invoice_frozen BEFORE UPDATE ON invoicing_invoice FOR EACH ROW
    WHEN (OLD.status <> 'draft' AND (
        OLD.number IS DISTINCT FROM NEW.number OR NEW.status = 'draft'
        OR OLD.practice_id <> NEW.practice_id OR OLD.id <> NEW.id
        OR OLD.net_minor <> NEW.net_minor OR OLD.tax_minor <> NEW.tax_minor
        OR OLD.issued_on IS DISTINCT FROM NEW.issued_on
        OR OLD.account_id IS DISTINCT FROM NEW.account_id
        OR OLD.entry_id IS DISTINCT FROM NEW.entry_id
        OR NEW.credited_minor < OLD.credited_minor))
    EXECUTE FUNCTION invoicing_issued_is_history();
CREATE TRIGGER invoicing_invoice_undeleted BEFORE DELETE ON invoicing_invoice FOR EACH ROW
    WHEN (OLD.status <> 'draft') EXECUTE FUNCTION invoicing_issued_is_history();
CREATE TRIGGER invoicing_invoice_kept BEFORE TRUNCATE ON invoicing_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_truncate();

CREATE FUNCTION invoicing_line_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line record := CASE TG_OP WHEN 'INSERT' THEN NEW ELSE OLD END;
BEGIN
    IF EXISTS (SELECT FROM invoicing_invoice
                WHERE practice_id = line.practice_id AND id = line.invoice_id
                  AND status <> 'draft') THEN
        RAISE EXCEPTION 'the lines of issued invoice % never change', line.invoice_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kernel_append_only';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER invoicing_line_frozen BEFORE UPDATE OR DELETE ON invoicing_invoiceline
    FOR EACH ROW EXECUTE FUNCTION invoicing_line_is_history();
SELECT kernel_append_only('invoicing_creditnote'), kernel_append_only('invoicing_creditnoteline');
