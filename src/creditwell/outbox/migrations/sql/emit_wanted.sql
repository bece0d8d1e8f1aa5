-- One call: the event, and, when somebody waits for it, the job that will deliver it.
DROP FUNCTION outbox_emit(bigint, text, jsonb, timestamptz);
CREATE FUNCTION outbox_emit(
    p_practice bigint, p_topic text, p_body jsonb, p_at timestamptz, p_wanted boolean
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint;
BEGIN
    INSERT INTO outbox_event (practice_id, topic, body, created_at, delivered_at)
    VALUES (p_practice, p_topic, p_body, p_at, CASE WHEN p_wanted THEN NULL ELSE p_at END)
    RETURNING id INTO v_id;
    IF p_wanted THEN
        PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
            'outbox', 'creditwell.deliver', 0, 'practice:' || p_practice, NULL,
            jsonb_build_object('practice_id', p_practice, 'event_id', v_id), NULL
        )::procrastinate_job_to_defer_v1]);
    END IF;
    RETURN v_id;
END $$;
