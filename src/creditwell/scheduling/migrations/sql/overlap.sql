-- Two appointments of one practitioner never overlap. Ranges alone, so no extension is needed:
-- a range of one id overlaps another exactly when the ids are the same.
ALTER TABLE scheduling_appointment ADD CONSTRAINT scheduling_appointment_no_overlap
    EXCLUDE USING gist (
        int8range(practice_id, practice_id, '[]') WITH &&,
        int8range(practitioner_id, practitioner_id, '[]') WITH &&,
        tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (status <> 'cancelled');
