-- One call: the event and the job that will deliver it, in the caller's transaction.
CREATE FUNCTION outbox_emit(
    p_practice bigint, p_topic text, p_body jsonb, p_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_id bigint;
BEGIN
    INSERT INTO outbox_event (practice_id, topic, body, created_at)
    VALUES (p_practice, p_topic, p_body, p_at) RETURNING id INTO v_id;
    PERFORM procrastinate_defer_jobs_v1(ARRAY[ROW(
        'outbox', 'creditwell.deliver', 0, 'practice:' || p_practice, NULL,
        jsonb_build_object('practice_id', p_practice, 'event_id', v_id), NULL
    )::procrastinate_job_to_defer_v1]);
    RETURN v_id;
END $$;
SELECT kernel_keep('outbox_event', 'id', 'practice_id', 'topic', 'body', 'created_at');
