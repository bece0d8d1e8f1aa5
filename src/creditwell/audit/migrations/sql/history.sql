SELECT kernel_append_only('audit_note');
